package software.amazon.awssdk.regions;

/** A stand-in for the AWS SDK for Java, for runs where it cannot be fetched: the names that docs/java-and-go.md uses. */
public record Region(String id) {
    public static final Region US_EAST_1 = new Region("us-east-1");
}
