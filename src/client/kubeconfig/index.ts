/** Reads and writes kubeconfig files; errors are TerminalErrors whose reasons begin with `Kubeconfig`. */
export { type Connection, type LoadOptions, loadKubeconfig } from "./load.ts";
export { type KubeconfigSource, kubeconfigPaths } from "./read.ts";
export { type KubeconfigEntry, kubeconfigText } from "./write.ts";
