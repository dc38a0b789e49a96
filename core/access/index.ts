export { type AuditAction, audited, readAudit, refused, refusedOrder, refusedPress } from './audit.ts'
export { giveRole, meantBy, type PersonHere, peopleHere, takeOwnership } from './grants.ts'
export { createGroupLeft, groupLeftView } from './group-left.ts'
export { localeOf } from './language.ts'
export {
  type Account,
  CODE_MINUTES,
  claimCode,
  codeHash,
  guessesTooMuch,
  keepCode,
  liveCode,
  newCode,
  useCode,
  WRONG_CODE,
} from './link-codes.ts'
export { detachIdentity, mergePeople, personalWorkspaceOf } from './merge-people.ts'
export { moveAssistants, planMove, type Renamed, renamedIn } from './move-assistants.ts'
export { moveNotices, type NoticePlace, noticePlaceOf } from './notice-place.ts'
export {
  GIVEN_ROLES,
  type GivenRole,
  mayAct,
  type Role,
  type RolePerson,
  type RoleWorkspace,
  roleIn,
  type Standing,
  standingIn,
} from './role.ts'
