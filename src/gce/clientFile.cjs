'use strict';

/**
 * The library's file of a service (`instance_groups`). They are loaded one by one: the package's main file costs a second and
 * 200 MB. For the bundle gce.js the build puts another module in place of this one, with the files of the services that are called
 * (leanClient.cjs).
 */
const clientFile = (name) => require(`@google-cloud/compute/build/src/v1/${name}_client.js`);

module.exports = { clientFile };
