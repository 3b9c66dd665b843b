package software.amazon.awssdk.auth.credentials;

/** A stand-in for the AWS SDK for Java: always the same access key. */
public record StaticCredentialsProvider(AwsBasicCredentials resolveCredentials) {
    public static StaticCredentialsProvider create(AwsBasicCredentials credentials) {
        return new StaticCredentialsProvider(credentials);
    }
}
