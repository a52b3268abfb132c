import {
  AttributeIds,
  DataChangeFilter,
  DataChangeNotification,
  DataChangeTrigger,
  DeadbandType,
  MonitoringMode,
  type NodeId,
  type NotificationMessage,
  PublishRequest,
  type PublishResponse,
  RepublishRequest,
  type RepublishResponse,
  StatusChangeNotification,
  type StatusCode,
  TimestampsToReturn,
  type TransferSubscriptionsResponse,
} from "node-opcua"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import { orAbort } from "../waiting.ts"
import { nodeIdOf } from "./addresses.ts"
import type { FollowJob } from "./follow.ts"
import type { Reported } from "./live.ts"
import type { Ring } from "./ring.ts"

/** Publish requests that wait at the server: one is answered while the other is under way. */
const requestsInFlight = 2
const itemsPerCall = 500
const notificationsPerMessage = 5000

interface Item {
  readonly handle: number
  readonly node: NodeId
  readonly queueSize: number
}

/**
 * One subscription at the server for all live points and for the newest numbers of the buffers. A message is
 * acknowledged, and the next one asked for, only when its rows are durable: a slow historian makes the server keep
 * the samples in its queues, and after a short loss of the line the same subscription is taken over with what waits
 * in it, where the server allows that.
 */
export class Subscription {
  readonly #job: FollowJob
  readonly #live: Reported
  readonly #rings: readonly Ring[]
  readonly #intervalMs: number
  readonly #samplingMs: number
  readonly #keepAliveCount: number
  readonly #acknowledge: number[] = []
  #order: Promise<void> = Promise.resolve()

  constructor(job: FollowJob, live: Reported, rings: readonly Ring[]) {
    this.#job = job
    this.#live = live
    this.#rings = rings
    const { options, host } = job
    const timeoutMs = parseDuration(options.timeout)
    this.#intervalMs = Math.max(fastestMs, real(options["publishing-interval"], host.clock.speed))
    this.#samplingMs = real(options["sampling-interval"], host.clock.speed)
    this.#keepAliveCount = Math.max(1, Math.floor(timeoutMs / 2 / this.#intervalMs))
  }

  async run(signal: AbortSignal): Promise<void> {
    const taken = await orAbort(this.#takeOver(), signal)
    if (!taken) await orAbort(this.#create(), signal)
    await this.#live.deliver()
    const workers = Array.from({ length: requestsInFlight }, () => this.#publish(signal))
    await Promise.all(workers)
  }

  /** Frees the server's memory. */
  async end(): Promise<void> {
    const { line, kept } = this.#job
    const id = kept.subscription
    delete kept.subscription
    if (id !== undefined && !line.lost.aborted)
      await ask((done) => line.session.deleteSubscriptions({ subscriptionIds: [id] }, done)).catch(
        () => {},
      )
  }

  async #takeOver(): Promise<boolean> {
    const { line, kept } = this.#job
    const id = kept.subscription
    if (id === undefined) return false
    delete kept.subscription
    const request = { subscriptionIds: [id], sendInitialValues: true }
    const answer = await ask<TransferSubscriptionsResponse>((done) =>
      line.session.transferSubscriptions(request, done),
    ).catch(() => undefined)
    const result = answer?.results?.[0]
    if (!result?.statusCode.isGood()) return false
    for (const number of result.availableSequenceNumbers ?? []) {
      if (number <= kept.lastNumber) this.#acknowledge.push(number)
      else await this.#republish(id, number)
    }
    kept.subscription = id
    return true
  }

  async #republish(subscriptionId: number, retransmitSequenceNumber: number): Promise<void> {
    const { session } = this.#job.line
    const request = new RepublishRequest({ subscriptionId, retransmitSequenceNumber })
    const response = await ask<RepublishResponse>((done) => session.republish(request, done)).catch(
      () => undefined,
    )
    if (response) await this.#take(response.notificationMessage)
  }

  async #create(): Promise<void> {
    const { line, kept, options, host } = this.#job
    const outageMs = parseDuration(options.outage) / (host.clock.speed ?? 1)
    const lifetime = Math.ceil((outageMs + parseDuration(options.timeout)) / this.#intervalMs)
    const created = await line.session.createSubscription({
      requestedPublishingInterval: this.#intervalMs,
      requestedMaxKeepAliveCount: this.#keepAliveCount,
      requestedLifetimeCount: Math.max(3 * this.#keepAliveCount, lifetime),
      maxNotificationsPerPublish: notificationsPerMessage,
      publishingEnabled: true,
    })
    kept.subscription = created.subscriptionId
    kept.lastNumber = 0
    const items = this.#items(outageMs)
    for (let i = 0; i < items.length; i += itemsPerCall)
      await this.#monitor(created.subscriptionId, items.slice(i, i + itemsPerCall))
  }

  /** Handles count the live points, then two for each buffer. Of a buffer only the newest number matters. */
  #items(outageMs: number): Item[] {
    const { options, wanted, line } = this.#job
    const rateMs = Math.max(fastestMs, this.#samplingMs)
    const queueSize = options["queue-size"] ?? Math.ceil(outageMs / rateMs) + 1
    const items: Item[] = []
    wanted.points.forEach(({ address }, handle) => {
      const node = nodeIdOf(address, line.namespaces)
      if (node) items.push({ handle, node, queueSize })
      else this.#live.unknown(handle, "no such namespace or node id")
    })
    this.#rings.forEach((ring, i) => {
      ring.signs.forEach((node, j) => {
        items.push({ handle: wanted.points.length + 2 * i + j, node, queueSize: 1 })
      })
    })
    return items
  }

  async #monitor(subscriptionId: number, items: readonly Item[]): Promise<void> {
    const answer = await this.#job.line.session.createMonitoredItems({
      subscriptionId,
      timestampsToReturn: TimestampsToReturn.Both,
      itemsToCreate: items.map(({ handle, node, queueSize }) => ({
        itemToMonitor: { nodeId: node, attributeId: AttributeIds.Value },
        monitoringMode: MonitoringMode.Reporting,
        requestedParameters: {
          clientHandle: handle,
          samplingInterval: this.#samplingMs,
          queueSize,
          discardOldest: true,
          filter,
        },
      })),
    })
    answer.results?.forEach(({ statusCode }, i) => {
      const handle = items[i]?.handle ?? Number.POSITIVE_INFINITY
      if (!statusCode.isGood() && handle < this.#job.wanted.points.length)
        this.#live.unknown(handle, statusCode.name)
    })
  }

  /** Asks for one message after the other; the next is asked for when the rows of the last are durable. */
  async #publish(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const response = await orAbort(this.#ask(), signal)
      const taken = this.#order.then(() => this.#take(response.notificationMessage))
      this.#order = taken
      await taken
    }
  }

  async #ask(): Promise<PublishResponse> {
    const { session } = this.#job.line
    const subscriptionId = this.#job.kept.subscription ?? 0
    const silenceMs = requestsInFlight * this.#keepAliveCount * this.#intervalMs
    const request = new PublishRequest({
      requestHeader: { timeoutHint: silenceMs + parseDuration(this.#job.options.timeout) },
      subscriptionAcknowledgements: this.#acknowledge
        .splice(0)
        .map((sequenceNumber) => ({ subscriptionId, sequenceNumber })),
    })
    return ask((done) => session.publish(request, done))
  }

  async #take(message: NotificationMessage): Promise<void> {
    const parts = message.notificationData ?? []
    if (parts.length === 0) return
    for (const part of parts) {
      if (part instanceof DataChangeNotification) this.#sort(part)
      else if (part instanceof StatusChangeNotification) this.#statusChanged(part.status)
    }
    await this.#live.deliver()
    this.#job.kept.lastNumber = message.sequenceNumber
    this.#acknowledge.push(message.sequenceNumber)
  }

  #sort(change: DataChangeNotification): void {
    const points = this.#job.wanted.points.length
    for (const { clientHandle, value } of change.monitoredItems ?? []) {
      if (clientHandle < points) this.#live.add(clientHandle, value)
      else this.#rings[Math.floor((clientHandle - points) / 2)]?.look()
    }
  }

  /** Good says that a session took the subscription over: this one, as the old one is gone. */
  #statusChanged(status: StatusCode): void {
    if (status.isGoodish()) return
    delete this.#job.kept.subscription
    const { name } = this.#job.host
    throw new Problem("connection-lost", name, `the server ended the subscription: ${status.name}`)
  }
}

const filter = new DataChangeFilter({
  trigger: DataChangeTrigger.StatusValueTimestamp,
  deadbandType: DeadbandType.None,
  deadbandValue: 0,
})

/** What a server can be expected to do, in the computer's time. */
const fastestMs = 20

/** Intervals are plant time; a server keeps the computer's. 0 stays 0: every change. */
function real(interval: string, speed = 1): number {
  const ms = parseDuration(interval)
  return ms === 0 ? 0 : Math.max(fastestMs, ms / speed)
}

/** The library's callbacks as a promise. */
function ask<Answer>(
  question: (done: (error: Error | null, answer?: Answer) => void) => void,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  question((error, answer) => {
    if (answer === undefined) reject(error ?? new Error("no answer"))
    else resolve(answer)
  })
  return promise
}
