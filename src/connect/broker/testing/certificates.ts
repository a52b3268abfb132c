import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** PEM files. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** An authority and a certificate for `localhost` and 127.0.0.1 by it, made with openssl in the folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => join(folder, name)
  const subject = (name: string) => ["-subj", `/CN=${name}`]
  const key = (file: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", at(file)]
  await run("openssl", [
    ..."req -x509 -days 2".split(" "),
    ...key("ca.key"),
    ...subject("test authority"),
    ...["-out", at("ca.pem")],
  ])
  await run("openssl", [
    "req",
    ...key("server.key"),
    ...subject("localhost"),
    ...["-out", at("server.csr")],
  ])
  await writeFile(at("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
  await run("openssl", [
    ..."x509 -req -days 2 -CAcreateserial".split(" "),
    ...["-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
    ...["-extfile", at("server.ext"), "-out", at("server.pem")],
  ])
  return { ca: at("ca.pem"), cert: at("server.pem"), key: at("server.key") }
}
