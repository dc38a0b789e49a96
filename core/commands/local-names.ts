import type { CommandOption } from '../chat/platform.ts'

/** What a command's options are called in Chinese. */
export const CHINESE_OPTION_NAMES: Readonly<Record<CommandOption['name'], string>> = { assistant: '助手', text: '内容' }

/** What commands are called in Chinese. Typed on any platform and in whatever language the answer then is, they are the command itself. */
export const CHINESE_NAMES: Readonly<Record<string, string>> = {
  start: '开始',
  deploy: '部署',
  instances: '助手',
  status: '状态',
  ask: '提问',
  usage: '用量',
  model: '模型',
  connect: '连接',
  key: '密钥',
  restart: '重启',
  logs: '日志',
  destroy: '删除',
  access: '权限',
  link: '绑定',
  unlink: '解绑',
  audit: '记录',
  order: '订单',
  help: '帮助',
  language: '语言',
  cancel: '取消',
}
