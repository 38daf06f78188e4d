/** From bytes to objects: JSON and YAML, bounded in depth, with everything a strict client wants to be told. */
export { mediaTypeOf, parseBody, parseJsonText } from "./body.ts";
export { checkTypes, decodeObject, inPlace, withoutEmptyMetadata } from "./object.ts";
