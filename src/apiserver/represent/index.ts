/** From objects to answers: plain, as Tables, or their metadata alone. */
export { negotiate } from "./accept.ts";
export { listAnswer, objectAnswer, type Rendering, watchEvents } from "./represent.ts";
