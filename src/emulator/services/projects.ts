import * as v from 'valibot';
import { type Cloud, projectNumber } from '../cloud.ts';
import { policyOn, setPolicy } from './policies.ts';
import { bodyOf, type MethodArguments, type RestMethod } from './restService.ts';

const born = '2026-01-01T00:00:00.000Z';

const projectV1 = (cloud: Cloud): object => ({
  projectNumber,
  projectId: cloud.project,
  lifecycleState: 'ACTIVE',
  name: cloud.project,
  createTime: born,
});

const projectV3 = (cloud: Cloud): object => ({
  name: `projects/${projectNumber}`,
  projectId: cloud.project,
  state: 'ACTIVE',
  displayName: cloud.project,
  createTime: born,
});

const testSchema = v.strictObject({ permissions: v.array(v.string()) });

// The only user of an emulated project owns it. Missing permissions are injected by the fault script.
const testPermissions = (_cloud: Cloud, { request }: MethodArguments): object => bodyOf(testSchema, request);

const methodsOf = (version: string, view: (cloud: Cloud) => object): RestMethod[] => {
  const path = `/${version}/projects/{project}`;
  const kind = 'projects';
  return [
    { verb: 'GET', path, kind, action: 'get', run: view },
    {
      verb: 'POST',
      path: `${path}:getIamPolicy`,
      kind,
      action: 'getIamPolicy',
      run: (cloud) => policyOn(cloud, 'project'),
    },
    {
      verb: 'POST',
      path: `${path}:setIamPolicy`,
      kind,
      action: 'setIamPolicy',
      run: (cloud, args) => setPolicy(cloud, 'project', args.request),
    },
    { verb: 'POST', path: `${path}:testIamPermissions`, kind, action: 'testIamPermissions', run: testPermissions },
  ];
};

/** Resource Manager, both versions (gcloud uses v1, newer clients v3). */
export const projectMethods: readonly RestMethod[] = [...methodsOf('v1', projectV1), ...methodsOf('v3', projectV3)];
