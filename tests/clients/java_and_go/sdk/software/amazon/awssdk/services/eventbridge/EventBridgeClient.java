package software.amazon.awssdk.services.eventbridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** A stand-in for the AWS SDK for Java: its builder, and PutEvents as JSON. It names its access key, and signs nothing. */
public final class EventBridgeClient {
    private final Builder settings;

    private EventBridgeClient(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private URI endpoint;
        private Region region;
        private StaticCredentialsProvider credentials;

        public Builder endpointOverride(URI endpoint) {
            this.endpoint = endpoint;
            return this;
        }

        public Builder region(Region region) {
            this.region = region;
            return this;
        }

        public Builder credentialsProvider(StaticCredentialsProvider credentials) {
            this.credentials = credentials;
            return this;
        }

        public EventBridgeClient build() {
            return new EventBridgeClient(this);
        }
    }

    /** Sends one request for PutEvents with this body, and returns the body of the reply. The SDK has no such method. */
    public String putEvents(String body) {
        String key = settings.credentials.resolveCredentials().accessKeyId();
        String scope = key + "/20260101/" + settings.region.id() + "/events/aws4_request";
        HttpRequest request = HttpRequest.newBuilder(settings.endpoint)
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "AWSEvents.PutEvents")
                .header("Authorization", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=none")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
        try {
            HttpResponse<String> reply = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            if (reply.statusCode() != 200) throw new IOException(reply.body());
            return reply.body();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
