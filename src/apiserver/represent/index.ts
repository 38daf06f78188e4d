/** From objects to answers: plain, as Tables, or their metadata alone. */
export { negotiate, type Representation } from "./accept.ts";
export { listAnswer, mediaHeader, objectAnswer, type Rendering, watchEvents } from "./represent.ts";
