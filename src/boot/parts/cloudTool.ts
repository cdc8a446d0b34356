/**
 * The machine's small Python program for JSON, base64, and HTTPS with a token: Ubuntu's cloud images always include
 * python3 (cloud-init needs it) but not jq, and a token in a process's arguments would be readable by all users. It
 * rejects a configuration with malformed values, so that bash only sees safe words. Exit status 3: not available yet;
 * 4: waiting cannot help; 1: any other error.
 */
export const cloudTool = String.raw`#!/usr/bin/python3 -I
import base64, datetime, glob, hashlib, json, os, re, ssl, sys, time, urllib.error, urllib.request

HOME = '/run/trizone'
METADATA = 'http://169.254.169.254/computeMetadata/v1/'
SECRETS = 'https://secretmanager.googleapis.com/v1/projects/'
COMPUTE = 'https://compute.googleapis.com/compute/v1/projects/'
PKI = '/etc/kubernetes/pki'
PKI_FILES = ['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'etcd/ca.crt', 'etcd/ca.key']
NAME = r'[a-z]([-a-z0-9]{0,61}[a-z0-9])?'
IP = r'([0-9]{1,3}\.){3}[0-9]{1,3}'
VERSION = r'[0-9]+\.[0-9]+\.[0-9]+'
HASH = r'[0-9a-f]{64}'
FORMS = {
    'role': r'first|replica|node', 'cluster': NAME, 'uid': r'[a-z0-9]{1,63}', 'region': NAME,
    'project': r'([a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,61}[a-z0-9]', 'podCidr': IP + r'/[0-9]{1,2}', 'serviceCidr': IP + r'/[0-9]{1,2}',
    'internalIp': IP, 'externalIp': IP, 'network': NAME, 'subnetwork': NAME,
    'secrets.pki': NAME, 'secrets.join': NAME, 'secrets.admin': NAME,
    'versions.kubernetes': VERSION, 'versions.containerd': VERSION, 'versions.runc': VERSION,
    'versions.cniPlugins': VERSION, 'versions.pause': r'[0-9]+\.[0-9]+(\.[0-9]+)?',
}
OPTIONAL = {'ownIp': IP, 'pool': NAME, 'versions.sha256.containerd': HASH, 'versions.sha256.runc': HASH, 'versions.sha256.cniPlugins': HASH}

class NoVersion(Exception):
    pass

def stop(text, code=1):
    print(text, file=sys.stderr)
    sys.exit(code)

def ask(url, headers, method='GET', body=None):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    # The metadata server must never be asked through a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({})) if url.startswith(METADATA) else urllib.request.build_opener()
    with opener.open(request, timeout=20) as answer:
        return answer.read()

def metadata(path):
    return ask(METADATA + path, {'Metadata-Flavor': 'Google'}).decode()

def pick(config, key):
    for part in key.split('.'):
        config = config.get(part) if isinstance(config, dict) else None
    return config

def config():
    with open(HOME + '/config.json') as file:
        return json.load(file)

def write(path, text, mode=0o600):
    part = path + '.part'
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w') as file:
        file.write(text)
    os.chmod(part, mode)
    os.replace(part, path)

def setup():
    text = metadata('instance/attributes/trizone-config')
    found = json.loads(text)
    if found.get('trizone') != 1:
        stop('trizone-config has an unsupported version', 4)
    for key, form in list(FORMS.items()) + list(OPTIONAL.items()):
        value = pick(found, key)
        if value is None and key in OPTIONAL:
            continue
        if not isinstance(value, str) or not re.fullmatch(form, value):
            stop('trizone-config has an invalid value: ' + key, 4)
    os.makedirs(HOME, mode=0o700, exist_ok=True)
    write(HOME + '/config.json', text)
    write(HOME + '/kubeadm.json', metadata('instance/attributes/trizone-kubeadm'))
    if found['role'] == 'first':
        write(HOME + '/addons.yaml', metadata('instance/attributes/trizone-addons'))

def bearer():
    token = json.loads(metadata('instance/service-accounts/default/token'))['access_token']
    return {'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'}

def call(method, url, body=None):
    try:
        return json.loads(ask(url, bearer(), method, None if body is None else json.dumps(body).encode()) or b'{}')
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise NoVersion(url)
        try:
            text = json.loads(error.read())['error']['message']
        except (ValueError, KeyError, TypeError):
            text = error.reason
        stop('%s answered %d: %s' % (url.split('/')[2], error.code, text))

def secret_url(name):
    return SECRETS + config()['project'] + '/secrets/' + name

def secret_read(name):
    return base64.b64decode(call('GET', secret_url(name) + '/versions/latest:access')['payload']['data']).decode()

def secret_add(name, text):
    call('POST', secret_url(name) + ':addVersion', {'payload': {'data': base64.b64encode(text.encode()).decode()}})
    if secret_read(name) != text:
        stop('the secret does not contain the value just written: ' + name)

def secret_prune(name, keep):
    url = secret_url(name) + '/versions'
    versions = call('GET', url + '?filter=state:ENABLED&pageSize=100').get('versions', [])
    numbers = sorted((int(v['name'].rsplit('/', 1)[1]) for v in versions), reverse=True)
    for number in numbers[keep:]:
        call('POST', '%s/%d:destroy' % (url, number), {})

def pki_pack():
    files = {}
    for name in PKI_FILES:
        with open(os.path.join(PKI, name)) as file:
            files[name] = file.read()
    return json.dumps({'trizone': 1, 'uid': config()['uid'], 'files': files}, sort_keys=True)

def own(text, key):
    found = json.loads(text)
    if found.get('trizone') != 1 or found.get('uid') != config()['uid']:
        stop('the secret %s belongs to another cluster' % config()['secrets'][key], 4)
    return found

def pki_unpack(text):
    files = own(text, 'pki')['files']
    os.makedirs(PKI + '/etcd', mode=0o700, exist_ok=True)
    for name in PKI_FILES:
        write(os.path.join(PKI, name), files[name], 0o600 if name.endswith('.key') else 0o644)

def fill(value, words):
    if isinstance(value, dict):
        return {k: fill(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, words) for v in value]
    return re.sub(r'@([A-Z_]+)@', lambda m: words[m.group(1)], value) if isinstance(value, str) else value

def merge(base, extra):
    if isinstance(base, dict) and isinstance(extra, dict):
        return {**base, **{k: merge(base[k], v) if k in base else v for k, v in extra.items()}}
    return base + extra if isinstance(base, list) and isinstance(extra, list) else extra

def kubeadm(kinds, words):
    with open(HOME + '/kubeadm.json') as file:
        documents = {d['kind']: d for d in json.load(file)}
    for path in sorted(glob.glob('/etc/trizone/image.d/kubeadm/*.json')):
        with open(path) as file:
            extra = json.load(file)
        # An image's fragment for another role's document says nothing here.
        documents[extra['kind']] = merge(documents.get(extra['kind'], {}), extra)
    chosen = [fill(documents[k], words) for k in kinds if k in documents]
    return '\n---\n'.join(json.dumps(d, indent=1) for d in chosen) + '\n'

def machine():
    return {'NAME': metadata('instance/name'), 'IP': metadata('instance/network-interfaces/0/ip'), 'INSTANCE_ID': metadata('instance/id')}

def join_secret():
    return own(secret_read(config()['secrets']['join']), 'join')

def join_config(kinds):
    found = join_secret()
    for key, form in [('token', r'[a-z0-9]{6}\.[a-z0-9]{16}'), ('caCertHash', 'sha256:' + HASH)]:
        if not re.fullmatch(form, found[key]):
            stop('the join secret has an invalid value: ' + key)
    if config()['role'] == 'replica' and ca_hash(own_ca()) != found['caCertHash']:
        stop('the CA in %(pki)s does not match the cluster CA in %(join)s' % config()['secrets'], 4)
    return kubeadm(kinds, {**machine(), 'TOKEN': found['token'], 'CA_HASH': found['caCertHash']})

def join_make(token, hours):
    ca = own_ca()
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return json.dumps({'trizone': 1, 'uid': config()['uid'], 'endpoint': config()['internalIp'] + ':443', 'token': token,
                       'caCertHash': ca_hash(ca), 'ca': ca,
                       'expires': expires.strftime('%Y-%m-%dT%H:%M:%SZ')}, sort_keys=True)

def own_ca():
    with open(PKI + '/ca.crt') as file:
        return file.read()

def ca_hash(ca):
    return 'sha256:' + hashlib.sha256(public_key(ssl.PEM_cert_to_DER_cert(ca))).hexdigest()

def tlv(der, at):
    length, size = der[at + 1], 2
    if length & 0x80:
        size += length & 0x7f
        length = int.from_bytes(der[at + 2:at + size], 'big')
    return at + size, at + size + length

def public_key(der):
    # The subjectPublicKeyInfo of a certificate: kubeadm's hash is taken over it. Seventh field of tbsCertificate (version is there).
    at = tlv(der, tlv(der, 0)[0])[0]
    for _ in range(6):
        at = tlv(der, at)[1]
    return der[at:tlv(der, at)[1]]

def fresh(expires, hours):
    left = datetime.datetime.strptime(expires, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=datetime.timezone.utc)
    return left - datetime.datetime.now(datetime.timezone.utc) > datetime.timedelta(hours=hours)

def own_node():
    # A bootstrap token may read Nodes (kubeadm's role kubeadm:get-nodes).
    found = join_secret()
    context = ssl.create_default_context(cadata=found['ca'])
    request = urllib.request.Request('https://%s/api/v1/nodes/%s' % (found['endpoint'], metadata('instance/name')),
                                     headers={'Authorization': 'Bearer ' + found['token']})
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise

def node_is_free():
    # A Node that another machine of this name left behind has that machine's pod range, which cannot be changed.
    node = own_node()
    if node is not None and node['metadata'].get('labels', {}).get('trizone-instance-id') != metadata('instance/id'):
        stop('the Node object of an earlier instance with this name still exists')

def instances():
    found, page = {}, ''
    while True:
        url = COMPUTE + config()['project'] + '/aggregated/instances?returnPartialSuccess=true&maxResults=500&filter=labels.trizone-uid%3D' + config()['uid']
        answer = call('GET', url + page)
        for scope_name, scope in answer.get('items', {}).items():
            for instance in scope.get('instances', []):
                found[(scope_name.split('/')[-1], instance['name'])] = str(instance['id'])
        if 'nextPageToken' not in answer:
            return found
        page = '&pageToken=' + urllib.request.quote(answer['nextPageToken'], safe='')

def stale_nodes(nodes):
    real = instances()
    for node in nodes['items']:
        labels = node['metadata'].get('labels', {})
        # A master re-created on its disk keeps its Node and its pod range; its label may be of the machine before.
        known = None if 'node-role.kubernetes.io/control-plane' in labels else labels.get('trizone-instance-id')
        # gce://PROJECT/ZONE/NAME. Two zones may have machines of one name: only the one in the Node's own zone tells of it.
        name, zone = node['metadata']['name'], node['spec'].get('providerID', '').split('/')[-2:][0]
        now = [number for (where, called), number in real.items() if called == name and zone in ('', where)]
        if known is not None and now and known not in now:
            print(name)

def dns_is_lopsided(nodes, pods):
    zone_of = {n['metadata']['name']: n['metadata'].get('labels', {}).get('topology.kubernetes.io/zone') for n in nodes['items']
               if any(c['type'] == 'Ready' and c['status'] == 'True' for c in n.get('status', {}).get('conditions', []))}
    zones = set(filter(None, zone_of.values()))
    used = set(filter(None, (zone_of.get(p['spec'].get('nodeName')) for p in pods['items'])))
    return len(zones) > 1 and len(pods['items']) > 1 and len(used) == 1

def attribute(name, value):
    ask(METADATA + 'instance/guest-attributes/trizone/' + name, {'Metadata-Flavor': 'Google'}, 'PUT', value.encode())

def progress(step, n, of, boot_id, says):
    at = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    attribute('progress', json.dumps({'step': step, 'n': int(n), 'of': int(of), 'at': at, 'bootId': boot_id, **({'says': says[:400]} if says else {})}))

def failure(step, boot_id, message):
    at = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    attribute('error', json.dumps({'step': step, 'at': at, 'bootId': boot_id, 'message': message[-400:]}))

def main(verb, *words):
    if verb == 'setup': setup()
    elif verb == 'get': print(pick(config(), words[0]) or '')
    elif verb == 'metadata': print(metadata(words[0]))
    elif verb == 'attribute': attribute(words[0], words[1])
    elif verb == 'progress': progress(*words)
    elif verb == 'failure': failure(*words)
    elif verb == 'secret-exists': secret_read(words[0])
    elif verb == 'secret-read': sys.stdout.write(secret_read(words[0]))
    elif verb == 'secret-add': secret_add(words[0], sys.stdin.read())
    elif verb == 'secret-prune': secret_prune(words[0], int(words[1]))
    elif verb == 'pki-save': secret_add(config()['secrets']['pki'], pki_pack())
    elif verb == 'pki-restore': pki_unpack(secret_read(config()['secrets']['pki']))
    elif verb == 'kubeadm': write(words[0], kubeadm(words[1:], machine()))
    elif verb == 'join-config': write(words[0], join_config(words[1:]))
    elif verb == 'join-publish': secret_add(config()['secrets']['join'], join_make(sys.stdin.read().strip(), 24))
    elif verb == 'join-is-fresh': sys.exit(0 if fresh(join_secret()['expires'], 12) else 1)
    elif verb == 'node-is-free': node_is_free()
    elif verb == 'stale-nodes': stale_nodes(json.load(sys.stdin))
    elif verb == 'dns-is-lopsided':
        with open(words[0]) as nodes, open(words[1]) as pods:
            sys.exit(0 if dns_is_lopsided(json.load(nodes), json.load(pods)) else 1)
    else: stop('unknown command: ' + verb)

try:
    main(*sys.argv[1:])
except NoVersion:
    stop('not available yet', 3)
except (OSError, ValueError, KeyError) as error:
    # Only the kind and the text of the error: never an answer's body, which may hold a secret.
    stop('%s: %s' % (type(error).__name__, error))
`;
