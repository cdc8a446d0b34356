import type * as nodeHttp from 'node:http';
import type * as nodeHttps from 'node:https';

/** Node's modules, whose `request` keeps its agent also where an editor has replaced it. */
export declare const http: typeof nodeHttp;
/** See `http`. */
export declare const https: typeof nodeHttps;
