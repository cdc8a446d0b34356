import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The user's current project, searched for in the order of gcloud and Google's libraries: environment, gcloud's active
 * configuration (its files are read, gcloud is not run), the quota project of the Application Default Credentials.
 */
export const findProject = (
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined => {
  const folder = gcloudFolder(env, platform);
  const found = [
    () => env.GOOGLE_CLOUD_PROJECT,
    () => env.CLOUDSDK_CORE_PROJECT,
    () => configuredProject(folder, env),
    () =>
      credentialsProject(env.GOOGLE_APPLICATION_CREDENTIALS ?? join(folder, 'application_default_credentials.json')),
  ];
  for (const look of found) {
    const project = look();
    if (project) return project;
  }
  return undefined;
};

const gcloudFolder = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string => {
  if (env.CLOUDSDK_CONFIG) return env.CLOUDSDK_CONFIG;
  const home = env.HOME ?? homedir();
  return platform === 'win32' ? join(env.APPDATA ?? home, 'gcloud') : join(home, '.config', 'gcloud');
};

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

// gcloud's configuration is an INI file; the project is in section [core].
const configuredProject = (folder: string, env: NodeJS.ProcessEnv): string | undefined => {
  const active = env.CLOUDSDK_ACTIVE_CONFIG_NAME ?? readIfThere(join(folder, 'active_config')).trim();
  const text = readIfThere(join(folder, 'configurations', `config_${active === '' ? 'default' : active}`));
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[(\w+)\]/.exec(line)?.[1] ?? section;
    const project = section === 'core' ? /^\s*project\s*=\s*(\S+)/.exec(line)?.[1] : undefined;
    if (project !== undefined) return project;
  }
  return undefined;
};

const credentialsProject = (file: string): string | undefined => {
  const text = readIfThere(file);
  return /"(?:quota_project_id|project_id)"\s*:\s*"([^"]+)"/.exec(text)?.[1];
};
