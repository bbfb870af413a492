/** What makes `docker`, Compose and the scripts use the engine that the loop uses. */
export const dockerHost = (socket: string): { readonly DOCKER_HOST: string } => ({
  DOCKER_HOST: `unix://${socket}`,
});
