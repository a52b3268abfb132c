import { createHash, X509Certificate } from "node:crypto"
import { join } from "node:path"
import { OPCUACertificateManager, type StatusCode, StatusCodes } from "node-opcua"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"

/** The client's own key and certificate in the device's folder; the server's certificate is the house's to trust. */
export class DeviceCertificates extends OPCUACertificateManager {
  readonly #host: Host
  /** Set when the server's certificate waits for trust. */
  problem: Problem | undefined

  constructor(host: Host) {
    super({
      rootFolder: join(host.folder, "pki"),
      automaticallyAcceptUnknownCertificate: false,
      disableFileWatchers: true,
    })
    this.#host = host
  }

  override async checkCertificate(chain: Buffer | Buffer[]): Promise<StatusCode> {
    const der = Array.isArray(chain) ? chain[0] : chain
    if (!der) return StatusCodes.BadCertificateInvalid
    const fingerprint = createHash("sha256").update(der).digest("hex")
    const { pem, subject } = read(der)
    const device = this.#host.name
    if (await this.#host.trust.isTrusted({ device, fingerprint, subject, pem }))
      return StatusCodes.Good
    this.problem = new Problem(
      "certificate-untrusted",
      device,
      `got a certificate of ${subject} with SHA-256 ${fingerprint}, expected a trusted one`,
    )
    return StatusCodes.BadCertificateUntrusted
  }
}

function read(der: Buffer): { pem: string; subject: string } {
  const body = der.toString("base64").replace(/(.{64})(?=.)/g, "$1\n")
  const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
  try {
    return { pem, subject: new X509Certificate(der).subject.replaceAll("\n", ", ") }
  } catch {
    return { pem, subject: "an unreadable subject" }
  }
}
