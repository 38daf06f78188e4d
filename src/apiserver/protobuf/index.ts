/** Objects of built-in kinds from Kubernetes' protobuf, as the same JSON values that Go would have written for them. */
export { decodeProtobuf, isProtobuf, speaksProtobuf } from "./envelope.ts";
export { ProtobufError } from "./wire.ts";
