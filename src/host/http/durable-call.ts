/** One call of the management API, below its base path. */
export interface DurableCall {
  readonly method: string;
  /** Decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly contentType: string | undefined;
  readonly continuationToken: string | undefined;
  /** Where the caller reached this API; null for the app's own client, which knows. */
  readonly webhookUrl: string | null;
  /** A start must not replace an instance that exists, whatever the settings allow. */
  readonly keepsExisting: boolean;
  readBody(): Promise<string>;
}
