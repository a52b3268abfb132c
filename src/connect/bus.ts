/** A way to publish and follow messages by topic (MQTT 3.1.1), over the broker in the house or one elsewhere. */
export interface MessageBus {
  /**
   * Calls back for each message of the filter in their order; retained ones come first. The next one comes before the callback of the last
   * has resolved, so that many are under way: a callback that has something to wait for puts its messages in order before it waits. What it
   * throws is logged and stops nothing, but for `NotTaken`. Where the message came with QoS 1 it is acknowledged once the callback has
   * resolved. Resolves once subscribed; ends with the signal.
   */
  follow(
    filter: string,
    take: (message: BusMessage) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  /** Resolves once the broker has it. Throws `connection-lost`. */
  publish(message: Outgoing): Promise<void>
}

/**
 * Thrown by a callback that could not keep a message: with QoS 1 the broker does not acknowledge it, and Moru's own breaks
 * the line to its sender, who sends it again.
 */
export class NotTaken extends Error {}

export interface BusMessage {
  readonly topic: string
  /** A part of what came over the line: who keeps it for long keeps a copy. */
  readonly payload: Uint8Array
  readonly retained: boolean
  readonly qos: 0 | 1 | 2
}

export interface Outgoing {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1
  readonly retain: boolean
}

/** A bus that has to be opened first: a broker elsewhere. */
export interface OpenBus extends MessageBus {
  /** Resolves with why, once the connection is lost or was closed. */
  readonly lost: Promise<Error>
  close(): Promise<void>
}
