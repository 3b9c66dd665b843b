// Package orders is the publisher that the test of the document tests.
package orders

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Publish sends these orders. With RESENDS_ALL in the environment, it sends accepted orders again.
func Publish(ctx context.Context, client *eventbridge.Client, ids ...int) error {
	for call := 0; call < 3 && len(ids) > 0; call++ {
		var entries []types.PutEventsRequestEntry
		for _, id := range ids {
			entries = append(entries, types.PutEventsRequestEntry{
				Source:     aws.String("shop.orders"),
				DetailType: aws.String("OrderPlaced"),
				Detail:     aws.String(fmt.Sprintf(`{"orderId":%d}`, id)),
			})
		}
		reply, err := client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
		if err != nil {
			return err
		}
		var failed []int
		for index, result := range reply.Entries {
			if result.ErrorCode != nil {
				failed = append(failed, ids[index])
			}
		}
		if len(failed) == 0 || os.Getenv("RESENDS_ALL") == "" {
			ids = failed
		}
	}
	if len(ids) > 0 {
		return fmt.Errorf("not published: %v", ids)
	}
	return nil
}
