import assert from "node:assert/strict"
import { networkInterfaces } from "node:os"
import { suite, test } from "node:test"
import { Problem } from "../../model/problem.ts"
import type { NetworkPolicy } from "../network.ts"
import { SystemNetwork } from "./system.ts"

const own = [{ host: "127.0.0.1", port: 4400 }]
const policy: NetworkPolicy = { allow: [], deny: [], own: () => own }

/** What becomes of a host: the address that it may be called at, or the problem's code. */
async function reach(host: string, given: Partial<NetworkPolicy> = {}, port = 4840) {
  const network = new SystemNetwork({ ...policy, ...given })
  return outcome(network, host, port)
}

async function outcome(network: SystemNetwork, host: string, port = 4840): Promise<string> {
  try {
    return (await network.reach({ host, port }, "m1")).address
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.code
    throw thrown
  }
}

suite("addresses that a person gave", () => {
  test("private networks and this computer may be reached", async () => {
    for (const address of ["127.0.0.1", "10.1.2.3", "172.31.0.9", "192.168.0.10", "100.64.0.1"])
      assert.equal(await reach(address), address)
    assert.equal(await reach("::1"), "::1")
    assert.equal(await reach("[::1]"), "::1")
    assert.equal(await reach("fd00::7"), "fd00::7")
  })

  test("a name is connected to by its number and remembered as it was given", async () => {
    const reached = await new SystemNetwork().reach({ host: "localhost", port: 502 }, "m1")
    assert.equal(reached.host, "localhost")
    assert.equal(reached.address, "127.0.0.1")
    assert.deepEqual([reached.family, reached.port], [4, 502])
  })

  test("the internet may be reached only where the policy allows it", async () => {
    assert.equal(await reach("203.0.113.9"), "address-forbidden")
    assert.equal(await reach("203.0.113.9", { allow: ["203.0.113.0/24"] }), "203.0.113.9")
    assert.equal(await reach("203.0.113.9", { allow: ["203.0.113.9"] }), "203.0.113.9")
    assert.equal(await reach("172.32.0.1"), "address-forbidden")
    assert.equal(await reach("2001:db8::1"), "address-forbidden")
    assert.equal(await reach("2001:db8::1", { allow: ["2001:db8::/32"] }), "2001:db8::1")
  })

  test("what the policy denies goes before what it allows", async () => {
    const given = { allow: ["192.168.7.0/24"], deny: ["192.168.7.9"] }
    assert.equal(await reach("192.168.7.9", given), "address-forbidden")
    assert.equal(await reach("::ffff:192.168.7.9", given), "address-forbidden")
    assert.equal(await reach("192.168.7.8", given), "192.168.7.8")
  })

  test("link-local, unspecified, multicast and broadcast are never a machine, whatever is allowed", async () => {
    const allow = ["0.0.0.0/0", "::/0"]
    for (const address of [
      "169.254.169.254",
      "0.0.0.0",
      "0",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "fe80::1",
      "fe80::1%lo",
      "ff02::1",
      "::ffff:169.254.169.254",
      "::ffff:a9fe:a9fe",
      "0:0:0:0:0:ffff:a9fe:a9fe",
      "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1",
    ])
      assert.equal(await reach(address, { allow }), "address-forbidden", address)
  })

  test("a number in another form is the address that it is", async () => {
    for (const form of ["2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376"])
      assert.equal(await reach(form), "address-forbidden", form)
    for (const form of ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
      assert.equal(await reach(form), "127.0.0.1", form)
  })

  test("Moru's own address is no machine, in any form", async () => {
    for (const form of ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "::ffff:7f00:1"])
      assert.equal(await reach(form, {}, 4400), "address-forbidden", form)
    assert.equal(await reach("127.0.0.1", {}, 4401), "127.0.0.1")
  })

  test("listening on all addresses, Moru is met at each address of this computer", async () => {
    for (const host of ["0.0.0.0", "::"]) {
      const everywhere = { own: () => [{ host, port: 4400 }], allow: ["0.0.0.0/0", "::/0"] }
      const mine = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
      for (const { address } of mine)
        assert.equal(await reach(address, everywhere, 4400), "address-forbidden", address)
      assert.equal(await reach("127.0.0.2", everywhere, 4400), "address-forbidden")
      assert.equal(await reach("192.0.2.1", everywhere, 4400), "192.0.2.1")
    }
  })

  test("a name that no address is known for is said with the name", async () => {
    const network = new SystemNetwork(policy)
    await assert.rejects(network.reach({ host: "no-such.invalid", port: 1 }, "m1"), (thrown) => {
      assert.ok(thrown instanceof Problem)
      assert.equal(thrown.code, "connection-refused")
      assert.match(thrown.message, /^m1: got host "no-such\.invalid"/)
      return true
    })
    assert.equal(await reach(""), "connection-refused")
  })

  test("a range that is none is refused with its words", () => {
    for (const range of ["203.0.113.0/33", "203.0.113.0/", "everything", "10.0.0.0/8x"])
      assert.throws(() => new SystemNetwork({ allow: [range], deny: [] }), /expected an address or/)
  })
})

suite("answers of the resolver", () => {
  const answering = (...addresses: readonly string[]) =>
    new SystemNetwork(policy, async () =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )

  test("one forbidden address among several forbids the name", async () => {
    assert.equal(await outcome(answering("10.0.0.1", "192.168.0.1"), "plc"), "10.0.0.1")
    assert.equal(
      await outcome(answering("10.0.0.1", "169.254.169.254"), "plc"),
      "address-forbidden",
    )
    assert.equal(await outcome(answering("10.0.0.1", "203.0.113.1"), "plc"), "address-forbidden")
    assert.equal(await outcome(answering("::ffff:7f00:1"), "plc", 4400), "address-forbidden")
  })

  test("no address at all is said", async () => {
    assert.equal(await outcome(answering(), "plc"), "connection-refused")
  })

  test("the name is asked for once for each call: a later answer is checked anew", async () => {
    const answers = ["10.0.0.1", "169.254.169.254"]
    const network = new SystemNetwork(policy, async () => [
      { address: answers.shift() ?? "", family: 4 },
    ])
    assert.equal(await outcome(network, "plc."), "10.0.0.1")
    assert.equal(await outcome(network, "plc."), "address-forbidden")
  })

  test("a trailing dot changes nothing", async () => {
    const network = new SystemNetwork(policy, async (host) => {
      assert.equal(host, "metadata.internal.")
      return [{ address: "169.254.169.254", family: 4 }]
    })
    assert.equal(await outcome(network, "metadata.internal."), "address-forbidden")
  })
})
