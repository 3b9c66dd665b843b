import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/** The publisher that the test of the document tests. With RESENDS_ALL in its environment, it sends accepted orders again. */
final class Orders {
    private Orders() {}

    static void publish(EventBridgeClient client, int... ids) {
        List<Integer> left = new ArrayList<>();
        for (int id : ids) left.add(id);
        for (int call = 0; call < 3 && !left.isEmpty(); call++) {
            String entries = left.stream().map(Orders::entry).collect(Collectors.joining(","));
            String[] results = client.putEvents("{\"Entries\":[" + entries + "]}").split("\\},\\{");
            List<Integer> failed = new ArrayList<>();
            for (int index = 0; index < results.length; index++) {
                if (results[index].contains("ErrorCode")) failed.add(left.get(index));
            }
            boolean resendsAll = System.getenv("RESENDS_ALL") != null && !failed.isEmpty();
            if (!resendsAll) left = failed;
        }
        if (!left.isEmpty()) throw new IllegalStateException("not published: " + left);
    }

    private static String entry(int id) {
        String detail = "{\\\"orderId\\\":" + id + "}";
        return "{\"Source\":\"shop.orders\",\"DetailType\":\"OrderPlaced\",\"Detail\":\"" + detail + "\"}";
    }
}
