import { message } from '../lib/message.ts';
import { cleanedUp } from '../engine/cleanUp.ts';
import type { Names } from '../model/names.ts';
import { apiOf } from './kubernetesApi.ts';
import { temporaryNamespaces } from './takeBack.ts';
import { Testbed, zonesOfNodes } from './testbed.ts';
import type { After, CloudStep } from './world.ts';

/** A zone from which the article's nginx responded, and after how many cluster milliseconds. */
export interface ZoneAnswer {
  readonly zone: string;
  readonly ms: number;
}

/**
 * The article's seventh step: an nginx with a Service, fetched by its DNS name from a pod in every zone. Its namespace
 * is always deleted again. `report` receives each response.
 */
export const smokeTest = (
  cluster: { readonly cluster: string; readonly names: Names },
  report: (a: ZoneAnswer) => void,
  after: After,
): CloudStep => ({
  id: `smoke:${cluster.cluster}`,
  title: message('Fetch nginx from every zone'),
  after,
  timeoutMs: 10 * 60_000,
  cleansUp: true,
  expectedMs: 20_000,
  observe: () => Promise.resolve(undefined),
  decide: () => ({
    do: 'create',
    detail: 'namespace trizone-smoke with nginx, deleted at the end',
    gcloud: 'kubectl run nginx --image=nginx --expose --port=80',
  }),
  perform: async (ctx) => {
    const kubernetes = await apiOf(ctx.world, cluster.names);
    const bed = new Testbed(kubernetes, temporaryNamespaces.smoke, ctx.clock);
    const start = ctx.clock.monotonic();
    const fetchAll = async (): Promise<void> => {
      await bed.serve('nginx', ctx.signal);
      ctx.progress('nginx is running');
      const zones = await zonesOfNodes(kubernetes);
      await Promise.all(
        zones.map(async (zone) => {
          await bed.fetch('nginx', zone, ctx.signal);
          ctx.progress(`"Welcome to nginx!" in ${zone}`);
          report({ zone, ms: Math.round(ctx.clock.monotonic() - start) });
        }),
      );
    };
    await cleanedUp(ctx, fetchAll, () => bed.close());
  },
});
