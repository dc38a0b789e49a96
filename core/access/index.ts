export { mayAct, type Role, roleIn } from './role.ts'
