export { type ChangeableCatalogue, createCatalogue } from "./catalogue.ts";
