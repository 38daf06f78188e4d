export { type ChangeableCatalogue, compareVersions, createCatalogue } from "./catalogue.ts";
