// The test double's people: fictitious, for Vitest and a plain browser, never in the product.
import type { Fault, SessionStatus } from '../lib/backend/types';
import type { ActionName, AuditState, BackupState, Glass, Guards, Hold, Me, PeopleBackend, Person, Role } from './types';

const ALL: ActionName[] = ['claims.view', 'recordings.listen', 'audit.read', 'audit.accept', 'backup.make', 'keys.change', 'people.manage', 'security.change', 'records.erase', 'devices.choose', 'claim.export', 'emr.connect', 'note.sign', 'dictation.file', 'typing.keep'];
const MAY: Record<Role, ActionName[]> = {
  physician: ['claims.view', 'recordings.listen', 'devices.choose', 'claim.export', 'emr.connect', 'note.sign', 'dictation.file', 'typing.keep'],
  coder: ['claims.view', 'recordings.listen', 'devices.choose', 'dictation.file', 'typing.keep'],
  biller: ['claims.view', 'devices.choose', 'claim.export'],
  auditor: ['claims.view', 'recordings.listen', 'audit.read', 'devices.choose'],
  administrator: ALL.filter((a) => !/^(claim|recordings|note|dictation|typing)/.test(a)),
};
const fault = (code: string, message: string, advice: string): Fault => ({ code, kind: 'locked', message, advice });
export const WORDS = 'maple orbit candle river stone basket winter ladder copper meadow signal harbor'.split(' ');

export class DemoPeople implements PeopleBackend {
  people: Person[] = [];
  /** Index into `people` of whoever is signed in; the owner without. */
  who: number | null = null;
  broken: AuditState['broken'] = null;
  running: string | null = null;
  guardsNow: Guards = { idleMinutes: 10, fourEyes: false, secondFactor: false, audioDays: null };
  glassNow: Glass[] = [];
  backups: BackupState = { schedule: null, last: null, due: false };
  kit = true;
  held: Hold[] = [];
  folder: string | null = '/media/backup';
  readonly password = 'four random words here';
  readonly code = '123456';
  readonly calls: [string, ...unknown[]][] = [];
  readonly #status: () => SessionStatus;
  readonly #open: () => SessionStatus;

  constructor(status: () => SessionStatus, open: () => SessionStatus) {
    this.#status = status;
    this.#open = open;
  }

  /** A clinic with a physician, a coder and an administrator. */
  clinic(): this {
    this.people = [this.#person('Dr. Osei', ['physician', 'administrator'], true), this.#person('Cora Lind', ['coder'], false), this.#person('Ines Park', ['administrator'], false)];
    return this;
  }
  #person(name: string, roles: Role[], secondFactor: boolean): Person {
    return { id: `person-${name}`, name, roles, state: 'active', secondFactor, recoveryCodes: secondFactor ? 9 : 0, hasPassword: true, failures: 0, signedInAt: '2026-03-02T08:12:00.000Z' };
  }
  #one(id: string): Person {
    const found = this.people.find((p) => p.id === id);
    if (!found) throw fault('person_unknown', 'Nobody here has that name.', '');
    return found;
  }
  #change(id: string, change: Partial<Person>): Person {
    const next = { ...this.#one(id), ...change };
    if (!this.people.some((p) => (p.id === id ? next : p).state !== 'disabled' && (p.id === id ? next : p).roles.includes('administrator'))) {
      throw fault('last_administrator', 'Nobody else is an administrator, so nobody could let people in again.', 'Give somebody else that role first; nothing was changed.');
    }
    this.people = this.people.map((p) => (p.id === id ? next : p));
    return next;
  }

  async signIn(name: string, password: string, code: string | null) {
    this.calls.push(['sign_in', name, code]);
    const at = this.people.findIndex((p) => p.name.toLowerCase() === name.trim().toLowerCase());
    const person = this.people[at];
    if (this.broken) throw fault('records_rolled_back', 'The records are older than they were.', 'Put the newer file back, or let an administrator look.');
    if (!person || password !== this.password) throw fault('wrong_sign_in', 'The name and the password do not belong together.', 'Type both again.');
    if (person.secondFactor && code === null) throw fault('second_factor_needed', 'This sign-in needs the code of your authenticator too.', 'Give the six digits it shows now.');
    if (person.secondFactor && code !== this.code) throw fault('wrong_code', 'This code is not the one of now, or it was used already.', 'Wait for the next code.');
    this.who = at;
    return this.#open();
  }
  async me(): Promise<Me> {
    const person = this.who === null ? null : (this.people[this.who] ?? null);
    const may = person ? [...new Set(person.roles.flatMap((r) => MAY[r]))] : ALL;
    const unseenGlass = may.includes('people.manage') ? this.glassNow.filter((g) => g.acknowledgedBy === null).length : 0;
    return { id: person?.id ?? 'owner', name: person?.name ?? 'owner', roles: person?.roles ?? null, may, glassUntil: null, mustEnrol: this.guardsNow.secondFactor && person !== null && !person.secondFactor, unseenGlass };
  }
  async activity() {
    this.calls.push(['activity']);
  }
  async recordRunning() {
    return this.running;
  }
  async recordStopLocked() {
    this.calls.push(['record_stop_locked']);
    this.running = null;
  }
  async list() {
    return this.people;
  }
  async add(name: string, roles: Role[], password: string) {
    this.calls.push(['add', name, roles]);
    if (password.length < 12) throw fault('password_short', 'That password is too short to guard patients’ records.', 'Take at least 12 characters; four or five random words are good.');
    if (this.people.length === 0 && !roles.includes('administrator')) throw fault('first_administrator', 'The first person must be an administrator, who can let the others in.', 'Give the role administrator, beside any other.');
    const person: Person = { ...this.#person(name, roles, false), state: 'pending', signedInAt: null };
    this.people = [...this.people, person];
    return person;
  }
  async setRoles(id: string, roles: Role[]) {
    this.calls.push(['roles', id, roles]);
    return this.#change(id, { roles });
  }
  async disable(id: string) {
    this.calls.push(['disable', id]);
    return this.#change(id, { state: 'disabled', hasPassword: false });
  }
  async reset(id: string, _password: string) {
    this.calls.push(['reset', id]);
    return this.#change(id, { hasPassword: true, state: this.#one(id).state === 'disabled' ? 'pending' : this.#one(id).state });
  }
  async unlock(id: string) {
    return this.#change(id, { failures: 0 });
  }
  async changePassword(old: string) {
    if (old !== this.password) throw fault('wrong_sign_in', 'The name and the password do not belong together.', 'Type both again.');
    this.calls.push(['password']);
  }
  async drawFactor(id: string | null) {
    this.calls.push(['draw', id]);
    const qr = Array.from({ length: 25 }, (_, y) => Array.from({ length: 25 }, (_, x) => (x * 7 + y * 13 + x * y) % 3 === 0));
    return { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/IamBilly:demo', qr, recoveryCodes: Array.from({ length: 10 }, (_, n) => `abcd-efgh-ijkl-mn${10 + n}`) };
  }
  async keepFactor(id: string | null, code: string) {
    if (code !== this.code) throw fault('wrong_code', 'This code is not the one of now, or it was used already.', 'Wait for the next code and type that.');
    return this.#change(id ?? (await this.me()).id, { secondFactor: true, recoveryCodes: 10 });
  }
  async removeFactor(id: string) {
    return this.#change(id, { secondFactor: false, recoveryCodes: 0 });
  }
  async guards() {
    return this.guardsNow;
  }
  async setGuards(guards: Guards) {
    this.calls.push(['guards', guards]);
    this.guardsNow = guards;
    return guards;
  }
  async breakGlass(reason: string) {
    if (reason.trim().length < 8) throw fault('reason_needed', 'Emergency access needs a reason.', 'Say in a sentence what the emergency is.');
    const taken: Glass = { id: `glass-${this.glassNow.length}`, person: (await this.me()).id, reason, at: '2026-03-03T10:00:00.000Z', until: '2026-03-03T11:00:00.000Z', acknowledgedBy: null };
    this.glassNow = [taken, ...this.glassNow];
    return taken;
  }
  async glass() {
    return this.glassNow;
  }
  async glassSeen(id: string) {
    this.glassNow = this.glassNow.map((g) => (g.id === id ? { ...g, acknowledgedBy: 'me' } : g));
    return this.glassNow;
  }
  async auditVerify(): Promise<AuditState> {
    return { sound: 1204, broken: this.broken, accepted: [] };
  }
  async auditExport(json: boolean, patient: string | null, disclosures: boolean) {
    this.calls.push(['audit_export', json, patient, disclosures]);
    return { events: disclosures ? 2 : 1204 };
  }
  async auditLook(): Promise<AuditState> {
    this.calls.push(['audit_look']);
    return { sound: 1180, broken: this.broken, accepted: [] };
  }
  async auditAccept() {
    this.calls.push(['audit_accept']);
    this.broken = null;
  }
  async backupState() {
    return this.backups;
  }
  async backupSchedule(folder: string | null, hours: number, keepDays: number | null) {
    this.calls.push(['backup_schedule', folder, hours, keepDays]);
    this.backups = { ...this.backups, schedule: folder === null ? null : { folder, hours, keepDays } };
    return this.backups;
  }
  async backupMake(folder: string) {
    this.calls.push(['backup', folder]);
    this.backups = { ...this.backups, last: { at: '2026-03-03T10:00:00Z', folder: `${folder}/iambilly-7c1d`, claims: 4, fault: null } };
    return { folder: `${folder}/iambilly-7c1d`, claims: 4 };
  }
  async pickFolder() {
    return this.folder;
  }
  async erasePatient(patient: string) {
    this.calls.push(['erase_patient', patient]);
    if (this.held.length > 0) throw fault('legal_hold', 'This is under legal hold and must be kept; nothing was erased.', 'Lift the hold first.');
    return { recordings: ['r1'], records: ['m1'], compacted: true, backups: { there: 2, until: '2026-04-02T10:00:00Z' } };
  }
  async holds() {
    return this.held;
  }
  async hold(dictation: string, reason: string) {
    this.held = [...this.held, { dictation, reason, heldBy: (await this.me()).id, at: '2026-03-03T10:00:00.000Z' }];
    return this.held;
  }
  async liftHold(dictation: string) {
    this.held = this.held.filter((h) => h.dictation !== dictation);
    return this.held;
  }
  async kitMade() {
    return this.kit;
  }
  async kitDraw() {
    return WORDS;
  }
  async kitKeep(typed: string) {
    if (typed.trim().toLowerCase().split(/\s+/).join(' ') !== WORDS.join(' ')) throw fault('recovery_kit_wrong', 'This recovery kit does not open this data folder.', 'Compare each of the twelve words.');
    this.kit = true;
  }
  /** Only to name the status it was made with. */
  get status(): SessionStatus {
    return this.#status();
  }
}
