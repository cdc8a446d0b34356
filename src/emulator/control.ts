import { OperatorError } from '../lib/operatorError.ts';
import type { Cloud } from './cloud.ts';
import { ApiError } from './http/apiError.ts';
import type { ReceivedRequest } from './http/message.ts';

/** The emulator's own paths, besides Google's: information, faults, state, shutdown. */
export const controlPaths =
  (parts: {
    readonly cloud: Cloud;
    readonly timeScale: number;
    readonly exportState: () => unknown;
    readonly reset: () => void;
    readonly shutdown: () => void;
  }): ((request: ReceivedRequest) => unknown) =>
  ({ method, path, body }) => {
    const { cloud } = parts;
    switch (`${method} ${path}`) {
      case 'GET /emulator/info':
        return {
          id: cloud.store.get<string>('meta', 'id'),
          project: cloud.project,
          timeScale: parts.timeScale,
          now: cloud.clock.now(),
        };
      case 'GET /emulator/faults':
        return cloud.faults.rules;
      case 'PUT /emulator/faults':
        setFaults(cloud, body);
        return cloud.faults.rules;
      case 'GET /emulator/state':
        return parts.exportState();
      case 'POST /emulator/reset':
        parts.reset();
        return {};
      case 'POST /emulator/shutdown':
        parts.shutdown();
        return {};
      default:
        return undefined;
    }
  };

const setFaults = (cloud: Cloud, body: string): void => {
  try {
    cloud.faults.set(JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError || OperatorError.is(error)) throw new ApiError(400, 'invalid', error.message);
    throw error;
  }
};
