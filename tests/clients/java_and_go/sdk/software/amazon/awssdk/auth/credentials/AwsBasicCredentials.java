package software.amazon.awssdk.auth.credentials;

/** A stand-in for the AWS SDK for Java: an access key. */
public record AwsBasicCredentials(String accessKeyId, String secretAccessKey) {
    public static AwsBasicCredentials create(String accessKeyId, String secretAccessKey) {
        return new AwsBasicCredentials(accessKeyId, secretAccessKey);
    }
}
