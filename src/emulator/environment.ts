import { join } from 'node:path';
import { quoted } from '../lib/shellWord.ts';
import { type RegistryEntry, tokenFile } from './registry.ts';

/**
 * Environment in which `trizone`, gcloud, and related tools use the emulator without further flags. gcloud gets a
 * private config folder, so that the user's real configuration is neither read nor changed.
 */
export const emulatorEnvironment = ({ endpoint, state, project }: RegistryEntry): Readonly<Record<string, string>> => ({
  TRIZONE_ENDPOINT: endpoint,
  TRIZONE_STATE: state,
  CLOUDSDK_CONFIG: join(state, 'gcloud'),
  CLOUDSDK_CORE_PROJECT: project,
  CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile(state),
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${endpoint}/compute/v1/`,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${endpoint}/`,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM: `${endpoint}/`,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: `${endpoint}/`,
  CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: `${endpoint}/`,
  CLOUDSDK_COMPUTE_ZONE: 'europe-west1-b',
  CLOUDSDK_COMPUTE_REGION: 'europe-west1',
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
  CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
  CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
  CLOUDSDK_SURVEY_DISABLE_PROMPTS: 'true',
  CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
});

/** The same as a file for `. <state>/env.sh`; every value is quoted, so that a folder's name cannot run a command. */
export const environmentScript = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
