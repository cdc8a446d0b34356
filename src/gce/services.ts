import * as v from 'valibot';
import { OperatorError } from '../lib/operatorError.ts';
import type { Before, Policy, Secret, ServicesWriter } from './cloud.ts';
import { listOf, short, textField, textMap, texts } from './fields.ts';
import type { Rest, ServiceName } from './rest.ts';

const secret = v.object({ name: short, labels: textMap });
const account = v.object({ email: v.string(), description: textField });
const page = { nextPageToken: textField };
const binding = v.object({
  role: v.string(),
  members: texts,
  condition: v.optional(v.record(v.string(), v.unknown())),
});
const policy = v.object({ etag: textField, bindings: listOf(binding) });

/** Secret Manager, IAM, Resource Manager, and Service Usage of one project. */
export class Services implements ServicesWriter {
  private readonly rest: Rest;
  private readonly project: string;

  constructor(rest: Rest, project: string) {
    this.rest = rest;
    this.project = project;
  }

  secret(name: string): Promise<Secret | undefined> {
    return this.find('secretmanager', this.secretPath(name), secret);
  }

  secrets(): Promise<Secret[]> {
    const schema = v.object({ ...page, secrets: listOf(secret) });
    return this.pages('secretmanager', `v1/projects/${this.project}/secrets`, schema, (p) => p.secrets);
  }

  async secretPayload(name: string): Promise<string | undefined> {
    const schema = v.object({ payload: v.object({ data: textField }) });
    try {
      const found = await this.find('secretmanager', `${this.secretPath(name)}/versions/latest:access`, schema);
      return found === undefined ? undefined : Buffer.from(found.payload.data, 'base64').toString('utf8');
    } catch (error) {
      if (OperatorError.is(error, 'not-ready')) return undefined; // the latest version is disabled or destroyed
      throw error;
    }
  }

  secretPolicy(name: string): Promise<Policy> {
    const query = 'options.requestedPolicyVersion=3';
    return this.rest.get('secretmanager', `${this.secretPath(name)}:getIamPolicy?${query}`, policy);
  }

  serviceAccount(id: string): Promise<{ email: string; description: string } | undefined> {
    return this.find('iam', this.accountPath(id), account);
  }

  serviceAccounts(): Promise<{ email: string; description: string }[]> {
    const schema = v.object({ ...page, accounts: listOf(account) });
    return this.pages('iam', `v1/projects/${this.project}/serviceAccounts`, schema, (p) => p.accounts);
  }

  projectPolicy(): Promise<Policy> {
    const body = { options: { requestedPolicyVersion: 3 } };
    return this.rest.post('cloudresourcemanager', `v3/projects/${this.project}:getIamPolicy`, body, policy);
  }

  async permissions(wanted: readonly string[]): Promise<string[]> {
    const schema = v.object({ permissions: texts });
    const path = `v3/projects/${this.project}:testIamPermissions`;
    const all: string[] = [];
    for (const permissions of chunks(wanted, 100)) {
      all.push(...(await this.rest.post('cloudresourcemanager', path, { permissions }, schema)).permissions);
    }
    return all;
  }

  async enabledServices(wanted: readonly string[]): Promise<string[]> {
    const schema = v.object({ services: listOf(v.object({ name: short, state: textField })) });
    const all: string[] = [];
    for (const names of chunks(wanted, 20)) {
      const query = names.map((n) => `names=${encodeURIComponent(`projects/${this.project}/services/${n}`)}`).join('&');
      const path = `v1/projects/${this.project}/services:batchGet?${query}`;
      const { services } = await this.rest.get('serviceusage', path, schema);
      all.push(...services.filter((s) => s.state === 'ENABLED').map((s) => s.name));
    }
    return all;
  }

  async createSecret(name: string, labels: Record<string, string>, before?: Before): Promise<void> {
    const path = `v1/projects/${this.project}/secrets?secretId=${encodeURIComponent(name)}`;
    await this.rest.create('secretmanager', path, { replication: { automatic: {} }, labels }, before);
  }

  removeSecret(name: string, before?: Before): Promise<void> {
    return this.rest.remove('secretmanager', this.secretPath(name), before);
  }

  async setSecretPolicy(name: string, next: Policy, before?: Before): Promise<void> {
    const path = `${this.secretPath(name)}:setIamPolicy`;
    await this.rest.post('secretmanager', path, policyBody(next), policy, before);
  }

  async createServiceAccount(id: string, displayName: string, description: string, before?: Before): Promise<void> {
    const body = { accountId: id, serviceAccount: { displayName, description } };
    await this.rest.create('iam', `v1/projects/${this.project}/serviceAccounts`, body, before);
  }

  removeServiceAccount(id: string, before?: Before): Promise<void> {
    return this.rest.remove('iam', this.accountPath(id), before);
  }

  async setProjectPolicy(next: Policy, before?: Before): Promise<void> {
    const path = `v3/projects/${this.project}:setIamPolicy`;
    await this.rest.post('cloudresourcemanager', path, policyBody(next), policy, before);
  }

  private secretPath(name: string): string {
    return `v1/projects/${this.project}/secrets/${encodeURIComponent(name)}`;
  }

  // For domain-scoped projects (`example.com:p`), the account's email has the parts reversed.
  private accountPath(id: string): string {
    const domain = this.project.split(':').reverse().join('.');
    return `v1/projects/${this.project}/serviceAccounts/${id}@${domain}.iam.gserviceaccount.com`;
  }

  private async find<S extends v.GenericSchema>(service: ServiceName, path: string, schema: S) {
    try {
      return await this.rest.get(service, path, schema);
    } catch (error) {
      if (OperatorError.is(error, 'not-found')) return undefined;
      throw error;
    }
  }

  private async pages<P extends { nextPageToken: string }, T>(
    service: ServiceName,
    path: string,
    schema: v.GenericSchema<unknown, P>,
    items: (page: P) => T[],
  ): Promise<T[]> {
    const all: T[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const query: string = token === '' ? '' : `&pageToken=${encodeURIComponent(token)}`;
      const found: P = await this.rest.get(service, `${path}?pageSize=100${query}`, schema);
      all.push(...items(found));
      token = found.nextPageToken === '' ? undefined : found.nextPageToken;
    }
    return all;
  }
}

// Only version 3 supports conditions; the default mask leaves audit settings unchanged.
const policyBody = ({ etag, bindings }: Policy): object => ({ policy: { version: 3, etag, bindings } });

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
