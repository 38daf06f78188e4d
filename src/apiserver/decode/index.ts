/** From bytes to objects: JSON and YAML, bounded in depth, with everything a strict client wants to be told. */
export { mediaTypeOf, parseBody, parseJsonText, parseYaml } from "./body.ts";
export { cannotHandle, checkTypes, decodeObject, inPlace, withoutEmptyMetadata } from "./object.ts";
