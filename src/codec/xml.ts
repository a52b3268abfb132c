import { XMLParser, XMLValidator } from "fast-xml-parser"

/** An element without its namespace prefix; `text` is its own text without that of its children. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

/** Longest document that is looked at, in characters. */
export const longestXml = 32 * 1024 * 1024
const deepest = 60

const attributesKey = ":@"
const textKey = "#text"
const rawKey = "#raw"

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: true,
  cdataPropName: rawKey,
  maxNestedTags: deepest,
})

type Node = Readonly<Record<string, unknown>>

/**
 * The root element of a document. No document type is accepted, so there are no entities but XML's own five and numbered characters
 * (XML 1.0, 4.1 and 4.6). Throws an Error that says what is wrong.
 */
export function parseXml(text: string): XmlElement {
  if (text.length > longestXml) throw new Error(`a document of ${text.length} characters`)
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error("a document type definition")
  const checked = XMLValidator.validate(text)
  if (checked !== true) throw new Error(`no well-formed XML: ${checked.err.msg}`)
  const roots = (parser.parse(text) as Node[]).filter((node) => !(textKey in node))
  const root = roots[0] && elementOf(roots[0])
  if (!root || roots.length > 1) throw new Error("no XML document")
  return root
}

export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

/** One element with its children, already formatted, or a text within. What is undefined is left out. */
export function formatXml(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: readonly string[] | string = [],
): string {
  const inside = typeof content === "string" ? escapeXml(content) : content.join("")
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join("")
  return inside === "" ? `<${name}${said}/>` : `<${name}${said}>${inside}</${name}>`
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
}

/** Characters that XML 1.0 cannot hold (2.2) become the replacement character. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => escapes[character] ?? character)
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function elementOf(node: Node): XmlElement {
  const name = Object.keys(node).find((key) => key !== attributesKey) ?? ""
  const inside = (node[name] ?? []) as readonly Node[]
  const attributes = Object.entries((node[attributesKey] ?? {}) as Readonly<Record<string, string>>)
  return {
    name,
    attributes: Object.fromEntries(attributes.map(([key, value]) => [key, unescapeXml(value)])),
    children: inside.filter((child) => !(textKey in child || rawKey in child)).map(elementOf),
    text: inside.map(textOf).join(""),
  }
}

function textOf(node: Node): string {
  if (textKey in node) return unescapeXml(String(node[textKey]))
  const raw = (node[rawKey] ?? []) as readonly Node[]
  return raw.map((inside) => String(inside[textKey] ?? "")).join("")
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,20}));/gi,
    (all, hex, decimal, name) => {
      if (name) {
        const character = named[name]
        if (character === undefined) throw new Error(`entity ${all}`)
        return character
      }
      const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\u{FFFD}"
    },
  )
}
