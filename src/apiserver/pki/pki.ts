import "./reflect-metadata.ts";
import { webcrypto } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

export interface PkiOptions {
  /** Where keys and certificates are kept; made where it is missing, readable by its owner only. */
  readonly directory: string;
  /** Names and addresses that clients reach the server by. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

/** Everything in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** Of `kubernetes-admin` in `system:masters`. */
  readonly adminCert: string;
  readonly adminKey: string;
}

type KeyPair = webcrypto.CryptoKeyPair;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;
const caDays = 3_650;
const leafDays = 730;
const renewDays = 30;

/** Loads what is there, makes what is missing, about to expire, or not good for all hosts. */
export async function ensurePki(options: PkiOptions): Promise<Certificates> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const ca = await ensureAuthority(options);
  const server = await ensureLeaf(options, ca, {
    file: "server",
    subject: "CN=drover",
    usage: ExtendedKeyUsage.serverAuth,
    hosts: [...new Set([...options.hosts, "localhost", "127.0.0.1", "::1"])],
  });
  const admin = await ensureLeaf(options, ca, {
    file: "admin",
    subject: "CN=kubernetes-admin, O=system:masters",
    usage: ExtendedKeyUsage.clientAuth,
    hosts: [],
  });
  return {
    ca: ca.pem,
    serverCert: server.cert,
    serverKey: server.key,
    adminCert: admin.cert,
    adminKey: admin.key,
  };
}

interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

async function ensureAuthority(options: PkiOptions): Promise<Authority> {
  const saved = await readPair(options.directory, "ca");
  if (saved !== undefined && outlives(saved.cert, options.nowMs, renewDays)) {
    const certificate = new X509Certificate(saved.cert);
    return { pem: saved.cert, certificate, signingKey: await importKey(saved.key) };
  }
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=drover-ca",
    notBefore: new Date(options.nowMs - dayMs),
    notAfter: new Date(options.nowMs + caDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const pem = `${certificate.toString("pem")}\n`;
  await writePair(options.directory, "ca", { cert: pem, key: await exportKey(keys.privateKey) });
  return { pem, certificate, signingKey: keys.privateKey };
}

interface Leaf {
  readonly file: string;
  readonly subject: string;
  readonly usage: ExtendedKeyUsage;
  readonly hosts: readonly string[];
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function ensureLeaf(options: PkiOptions, ca: Authority, leaf: Leaf): Promise<Pair> {
  const saved = await readPair(options.directory, leaf.file);
  if (saved !== undefined && outlives(saved.cert, options.nowMs, renewDays) && (await isGood(saved.cert, ca, leaf)))
    return saved;
  const keys = await makeKeys();
  const names = leaf.hosts.map((host) => ({
    type: isIP(host) === 0 ? ("dns" as const) : ("ip" as const),
    value: host,
  }));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: leaf.subject,
    issuer: ca.certificate.subject,
    notBefore: new Date(options.nowMs - dayMs),
    notAfter: new Date(options.nowMs + leafDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: ca.signingKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([leaf.usage]),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  const pair = { cert: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
  await writePair(options.directory, leaf.file, pair);
  return pair;
}

/** Signed by this authority, and for all the hosts. */
async function isGood(pem: string, ca: Authority, leaf: Leaf): Promise<boolean> {
  const certificate = new X509Certificate(pem);
  if (!(await certificate.verify({ publicKey: ca.certificate.publicKey, signatureOnly: true }))) return false;
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  const covered = new Set(names.map((name) => name.value));
  return leaf.hosts.every((host) => covered.has(host) || isIP(host) === 6);
}

const outlives = (pem: string, nowMs: number, days: number): boolean =>
  new X509Certificate(pem).notAfter.getTime() > nowMs + days * dayMs;

const makeKeys = async (): Promise<KeyPair> =>
  (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as KeyPair;

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  return `01${Buffer.from(bytes).toString("hex")}`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${PemConverter.encode(bytes as ArrayBuffer, "PRIVATE KEY")}\n`;
}

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(pem), algorithm, true, ["sign"]);

async function readPair(directory: string, file: string): Promise<Pair | undefined> {
  try {
    const [cert, key] = await Promise.all([
      readFile(join(directory, `${file}.crt`), "utf8"),
      readFile(join(directory, `${file}.key`), "utf8"),
    ]);
    return { cert, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The key first: a certificate without its key would be taken for a finished pair. */
async function writePair(directory: string, file: string, pair: Pair): Promise<void> {
  for (const [name, text] of [
    [`${file}.key`, pair.key],
    [`${file}.crt`, pair.cert],
  ] as const) {
    const path = join(directory, name);
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }
}
