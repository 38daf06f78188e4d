/** From bytes to objects: JSON, YAML and protobuf, bounded in depth, with everything a strict client wants to be told. */
export { mediaTypeOf, type Parsed, parseBody, parseJsonText } from "./body.ts";
export { checkTypes, decodeObject, inPlace, withoutEmptyMetadata } from "./object.ts";
