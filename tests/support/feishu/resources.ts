import type { ApiRequest, Route } from './api.ts'
import { broken, fault } from './fault.ts'
import { type ChatRecord, hex, type PersonRecord, type World } from './world.ts'

const MEGABYTE = 1024 * 1024
const IMAGE_BYTES = 10 * MEGABYTE
const FILE_BYTES = 30 * MEGABYTE
const IMAGE_STARTS: readonly (string | RegExp)[] = ['89504e47', 'ffd8ff', '47494638', '424d', /^52494646.{8}57454250/]
const FILE_TYPES = ['opus', 'mp4', 'pdf', 'doc', 'xls', 'ppt', 'stream']
const ID_KEYS = { open_id: 'openId', union_id: 'unionId', user_id: 'userId' } as const

/** Uploads, and who is who. */
export function resourceRoutes(world: World): readonly Route[] {
  function upload(request: ApiRequest, name: string, max: number): Buffer {
    const bytes = request.upload?.files.get(name)
    if (!bytes) throw broken(234001, 'Invalid request param.', `no ${name} in the upload`)
    if (bytes.length === 0) throw broken(234010, "File's size can't be 0.", `an empty ${name}`)
    if (bytes.length > max)
      throw broken(234006, 'The file size exceed the max value.', `${name}: ${bytes.length} bytes, ${max} are possible`)
    return bytes
  }

  function chatOf(request: ApiRequest): ChatRecord {
    const chat = world.chats.get(request.params[0] ?? '')
    if (!chat) throw fault(232006, 'Your request specifies a chat_id which is invalid.')
    return chat
  }

  function idOf(request: ApiRequest, parameter: string): (openId: string) => string {
    const type = request.query.get(parameter) ?? 'open_id'
    if (type !== 'open_id' && type !== 'union_id' && type !== 'user_id') {
      throw broken(99992402, 'field validation failed', `${parameter} ${type} is unknown`)
    }
    return (openId) => world.people.get(openId)?.[ID_KEYS[type]] ?? ''
  }

  return [
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/images$/,
      kind: 'image',
      run(request) {
        const bytes = upload(request, 'image', IMAGE_BYTES)
        const type = request.upload?.fields.image_type
        if (type !== 'message' && type !== 'avatar')
          throw broken(234001, 'Invalid request param.', `image_type ${type} is unknown`)
        const start = bytes.subarray(0, 12).toString('hex')
        if (!IMAGE_STARTS.some((one) => (typeof one === 'string' ? start.startsWith(one) : one.test(start)))) {
          throw broken(234011, "Can't recognize the image format.")
        }
        const key = `img_v3_${hex(16)}`
        world.images.set(key, bytes)
        return { data: { image_key: key } }
      },
    },
    {
      method: 'POST',
      path: /^\/open-apis\/im\/v1\/files$/,
      kind: 'image',
      run(request) {
        const bytes = upload(request, 'file', FILE_BYTES)
        const { file_type: type = '', file_name: name = '' } = request.upload?.fields ?? {}
        if (!FILE_TYPES.includes(type)) throw broken(234001, 'Invalid request param.', `file_type ${type} is unknown`)
        if (name === '') throw broken(234001, 'Invalid request param.', 'an upload without file_name')
        const key = `file_v3_${hex(16)}`
        world.files.set(key, { name, bytes })
        return { data: { file_key: key } }
      },
    },
    {
      method: 'GET',
      path: /^\/open-apis\/im\/v1\/chats\/([^/]+)$/,
      kind: 'other',
      run(request) {
        const chat = chatOf(request)
        const id = idOf(request, 'user_id_type')
        // Whoever is outside gets to know this much.
        const glance = { name: chat.name, avatar: '', user_count: `${chat.memberIds.size}`, bot_count: '1' }
        if (!chat.botInside) return { data: { ...glance, chat_status: 'normal' } }
        const shared = { chat_mode: chat.kind, external: false, tenant_key: world.tenantKey }
        const counts = {
          user_count: `${chat.memberIds.size}`,
          bot_count: '1',
          chat_status: chat.disbanded ? 'dissolved' : 'normal',
        }
        if (chat.kind === 'p2p') return { data: { ...shared, ...counts } }
        return {
          data: {
            ...shared,
            ...counts,
            name: chat.name,
            description: '',
            i18n_names: {},
            owner_id_type: request.query.get('user_id_type') ?? 'open_id',
            owner_id: id(chat.ownerId ?? ''),
            user_manager_id_list: [...chat.managerIds].map(id),
            bot_manager_id_list: [],
            group_message_type: 'chat',
            chat_type: 'private',
            chat_tag: 'inner',
          },
        }
      },
    },
    {
      method: 'GET',
      path: /^\/open-apis\/im\/v1\/chats\/([^/]+)\/members$/,
      kind: 'other',
      run(request) {
        const chat = chatOf(request)
        if (!chat.botInside) throw fault(232011, 'Operator can NOT be out of the chat.')
        if (chat.disbanded) throw fault(232009, 'Your request specifies a chat which has already been dissolved.')
        const id = idOf(request, 'member_id_type')
        const size = Number(request.query.get('page_size') ?? 20)
        if (!Number.isInteger(size) || size < 1 || size > 100)
          throw broken(232001, 'Your request contains an invalid request parameter.', `page_size ${size}: 1 to 100 are possible`)
        const from = Number(request.query.get('page_token') ?? 0)
        const members = [...chat.memberIds]
        const hasMore = from + size < members.length
        return {
          data: {
            items: members.slice(from, from + size).map((openId) => ({
              member_id_type: request.query.get('member_id_type') ?? 'open_id',
              member_id: id(openId),
              name: world.name(openId),
              tenant_key: world.tenantKey,
            })),
            has_more: hasMore,
            ...(hasMore && { page_token: `${from + size}` }),
            member_total: members.length,
          },
        }
      },
    },
    {
      method: 'GET',
      path: /^\/open-apis\/bot\/v3\/info$/,
      kind: 'other',
      run: () => ({
        msg: 'ok',
        bot: { activate_status: 2, app_name: world.bot.name, avatar_url: '', ip_white_list: [], open_id: world.bot.openId },
      }),
    },
    {
      method: 'GET',
      path: /^\/open-apis\/contact\/v3\/users\/([^/]+)$/,
      kind: 'other',
      run(request) {
        const id = idOf(request, 'user_id_type')
        if (!world.contactsPermitted) throw fault(41050, 'no user authority error')
        const person = [...world.people.values()].find(({ openId }) => id(openId) === request.params[0])
        if (!person) throw fault(40003, 'user not found')
        return { data: { user: contact(person) } }
      },
    },
  ]
}

/** No language in it: Feishu tells that of nobody, but in the `user_agent` of what they write. */
const contact = (person: PersonRecord) => ({
  open_id: person.openId,
  union_id: person.unionId,
  user_id: person.userId,
  name: person.name,
  en_name: person.name,
  nickname: '',
  status: { is_frozen: false, is_resigned: false, is_activated: true, is_exited: false, is_unjoin: false },
})
