/** The broker did not take a message in time; it may or may not have it, so publish it again. */
export class PublishTimeout extends Error {
  override readonly name = 'PublishTimeout';
  readonly topic: string;

  constructor(topic: string, timeoutMs: number) {
    super(`the broker did not take the message for ${topic} within ${timeoutMs} ms: publish it again`);
    this.topic = topic;
  }
}

/** The publisher was closed before the broker had the message. */
export class PublisherClosed extends Error {
  override readonly name = 'PublisherClosed';
  readonly topic: string;

  constructor(topic: string) {
    super(`the link is closed: nothing was published to ${topic}`);
    this.topic = topic;
  }
}

/** The sending half of a device link: retained messages over MQTT, whatever carries the answers. */
export interface RetainedPublisher {
  /**
   * Publishes retained at QoS 1 and resolves when the broker has it; null clears the topic. Waits for a
   * connection, never queues beyond the call: throws {@link PublishTimeout}, {@link PublisherClosed} or
   * `MessageTooLarge`.
   */
  publish(topic: string, payload: Uint8Array | null): Promise<void>;
  connected(): boolean;
  onConnected(listener: () => void): () => void;
  close(): Promise<void>;
}
