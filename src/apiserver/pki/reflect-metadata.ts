/**
 * The part of the metadata proposal that `@peculiar/x509` needs from its environment. It must be there before that package
 * is loaded, so this module is imported first and for its effect only.
 */
type Metadata = Map<unknown, unknown>;
interface MetadataReflect {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  hasOwnMetadata?: (key: unknown, target: object) => boolean;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
  metadata?: (key: unknown, value: unknown) => (target: object) => void;
}

const all = new WeakMap<object, Metadata>();

function own(target: object): Metadata {
  const known = all.get(target) ?? new Map<unknown, unknown>();
  all.set(target, known);
  return known;
}

function inherited(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const metadata = all.get(at);
    if (metadata?.has(key) === true) return metadata.get(key);
  }
  return undefined;
}

const reflect = Reflect as MetadataReflect;
reflect.getMetadata ??= inherited;
reflect.getOwnMetadata ??= (key, target) => all.get(target)?.get(key);
reflect.hasOwnMetadata ??= (key, target) => all.get(target)?.has(key) === true;
reflect.defineMetadata ??= (key, value, target) => own(target).set(key, value);
reflect.metadata ??= (key, value) => (target) => own(target).set(key, value);
