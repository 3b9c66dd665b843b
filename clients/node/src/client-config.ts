// The configuration of a client of the AWS SDK for JavaScript v3.

/** The configuration of a client. It wins over the environment and over profiles. */
export interface ClientConfig {
  /** The URL of the mock. */
  endpoint: string;
  /** `us-east-1`, whatever the environment says. */
  region: string;
  /** The access key id is the name of the mock. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
}

export function clientConfigFor(url: string, accessKeyId: string): ClientConfig {
  return {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "secret" },
    // Settings of the environment or of a profile would change or refuse the endpoint.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  };
}
