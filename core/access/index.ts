export { mayAct, roleIn, type Role } from './role.ts'
