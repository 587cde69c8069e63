export function installPeers() {
  return undefined;
}
