'use strict';

/**
 * The library's file for a service (`instance_groups`). They are loaded one by one: the package's main file costs a
 * second and 200 MB. In the bundle gce.js, the build replaces this module with one that contains only the files of the
 * services we call (leanClient.cjs).
 */
const clientFile = (name) => require(`@google-cloud/compute/build/src/v1/${name}_client.js`);

module.exports = { clientFile };
