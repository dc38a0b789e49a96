# 用户读到的中文。每条消息在 en.ftl 中都有同名、同参数的对应；测试会比较两者。
# 简短、亲切、准确：发生了什么，保留什么、失去什么，下一步是什么。
# 每个部分有自己的小节，以 "### ---" 开头；消息名以该部分的名称开头。

### --- chat

# 平台无法绘制某个控件、只能用文字代替时附加的句子。
chat-choose = 请选择：
chat-more = 更多：
chat-part = { $label }（{ $from }–{ $to }）
chat-answer-with-number = 请回复对应的数字。
chat-type-field = ✏️ { $label }：请直接发送。
chat-type-secret = 请输入：{ $label }。我读取后会立即删除您的消息。
chat-type-secret-kept = 请输入：{ $label }。发送后请自行删除该消息，我在这里无法代您删除。
chat-secret-elsewhere = { $label }属于机密，而这里可能有其他人看到。请改在与我的私聊中发送。
chat-as-file = 内容较长，以文件形式发送：{ $name }
chat-no-file = 此聊天无法显示文件 { $name }。请在您使用的其他平台上获取。

### --- web

# 聊天页面本身：消息之外的一切文字。
web-log-label = 对话
web-box-label = 您的消息
web-box-placeholder = 输入消息，或输入 / 查看命令
web-send = 发送
web-commands = 命令
web-welcome-title = 从这里开始，拥有您自己的助手
web-welcome-body = { $brand } 会为您在专属服务器上搭建一个 OpenClaw 助手，之后的一切都在这个聊天里完成。选一个开始，或者直接说说您的想法。
web-you = 您
web-only-you = 仅您可见
web-connected = 已连接
web-reconnecting = 正在重新连接，您写的内容不会丢失。
web-sending = 正在发送
web-unsent = 等待网络恢复，之后会自动发送。
web-not-sent = 未发送。{ $reason }
web-typing = { $brand } 正在回复
web-new-messages = 有新消息
web-earlier = 更早的消息
web-removed = 消息已删除
web-steps-done = 已完成 { $done } / { $total } 步
web-step-waiting = 未开始
web-step-running = 进行中
web-step-done = 已完成
web-step-failed = 失败
web-step-undone = 已撤销
web-seconds = { $seconds } 秒
web-tone-success = 好消息
web-tone-warning = 请注意
web-tone-danger = 出现问题
web-download = 下载
web-new-tab = （在新标签页中打开）
web-current = 当前
web-secret-hint = 提交后立即加密，不会再显示。
web-room = 房间“{ $room }”
web-name-label = 您在此房间的名字
web-name-save = 保存
web-no-script = 这个聊天需要 JavaScript。请为此页面启用后重新加载。
web-error-origin = 这条消息来自其他页面，未被接受。请在聊天自己的标签页中打开并发送。
web-error-body = 无法识别这条消息。请重新加载页面后再发一次。
web-error-too-long = 消息太长了。一条最多 { $max } 个字符，请分开发送。
web-error-session = 此浏览器还没有聊天，或者 Cookie 已丢失。请重新加载页面。
web-error-unavailable = 暂时无法接收这条消息，稍后会自动重新发送。
web-error-not-found = 这里没有内容，或者它属于另一个聊天。
web-error-name = 请至少填写一个字的名字。
web-returning = 请稍候，正在返回您的聊天

### --- feishu

# 服务未能及时处理的点击，由应用直接提示。
feishu-press-late = 处理时间比平时长。如果没有变化，请再点一次。
feishu-press-lost = 没有收到这次操作，请再点一次。

### --- conversation

flow-back = ‹ 返回
flow-restart = 重新开始
flow-cancel = 取消
flow-cancelled = 已取消，没有下单，也没有任何改动。
flow-closed = 您开始了别的操作，这里已关闭。
flow-answered = ✓ { $answer }
flow-continues-below = 请看下面的新消息。
flow-expired = 这一步搁置了一天，已自动关闭。没有下单，也没有任何改动，随时可以重新开始。
flow-over = 这一步已经完成。
flow-outdated = 您离开期间我们做了改进，请重新开始。
button-unknown = 这个按钮已失效。输入 /help 查看可用功能。
button-not-yours = 这个按钮是给别人的。请自己输入命令。
button-expired = 这个按钮太旧了，请重新输入命令。
button-used = 已经按过了，目前的情况如下。
button-stale = 那是前面步骤的按钮，您现在在这一步。
needs-owner = 只有所有者和管理员可以这样做。您可以用 /status 和 /usage 查看。
unknown-command = 没有 /{ $name } 这个命令。输入 /help 查看可用功能。
unknown-command-nearest = 没有 /{ $name } 这个命令。您是想输入 /{ $nearest } 吗？
unknown-instance = 这里没有名为“{ $name }”的助手。输入 /instances 查看全部。
unknown-instance-nearest = 这里没有名为“{ $name }”的助手。您是指“{ $nearest }”吗？
choose-instance = 选择哪个助手？
no-instance = 这里还没有助手，点一下就能开始。
no-instance-for-viewers = 这里还没有助手。管理这个群的人可以获取一个。
instance-gone = 这个助手已不存在。输入 /instances 查看现有的助手。
instance-not-running = { $name } 目前没有运行。输入 /status 查看原因和办法。
instance-not-now = { $name } 现在{ $state }，请稍后再试。输入 /status 查看进度。
plain-text-ask = 要和助手说话，请在前面加上 /ask，例如：/ask 您能做什么？其他功能见 /help。
plain-text-deploy = 我负责部署和照看 OpenClaw 助手。输入 /deploy 获取一个，或输入 /help 查看全部功能。
plain-text-look = 您可以用 /instances 查看这里的助手；您能做的一切见 /help。
unsupported-message = 我只能看懂文字和按钮。输入 /help 查看可用功能。
write-to-me-first = 这条内容只给您看。请先私聊我，发送 /start，然后再试一次。
internal-error = 我们这边出了问题，没有任何改动。请再试一次；如果再次出现，请把编号 { $request } 告诉我们。
secret-pasted-removed = 那看起来是密钥，我已删除您的消息，没有保存任何内容。别人可能已经看到：请到服务商处更换密钥。
secret-pasted-kept = 那看起来是密钥。我没有保存任何内容，但无法删除您的消息：请自行删除，并到服务商处更换密钥。
operation-busy = 这个助手{ $kind ->
    [deploy] 正在部署
    [restart] 正在重启
    [switch-model] 正在更换模型
    [heal-model] 正在恢复模型
    [rotate-key] 正在更换密钥
    [change-source] 正在更改 AI 付费方式
    [backup-models] 正在更改备用模型
    [suspend] 正在停止
   *[other] 正在删除
}，请等它完成后再试。
service-stopping = 服务正在重启，稍后会自动继续。
step-timeout = 耗时太久，已停止。
step-crashes = 连续失败多次，已停止。
date-day = { $date }
date-minute = { $date }

### --- commands

command-deploy = 获取您自己的助手
command-instances = 查看所有助手
command-status = 查看助手的状态
command-ask = 向助手提问
command-usage = AI 额度的使用情况
command-model = 查看或更换模型
command-restart = 重启助手
command-logs = 以文件形式获取日志
command-destroy = 永久删除助手
command-order = 最新的订单、付款和续费
command-help = 我能做什么
command-language = 英文或中文
command-cancel = 停止正在进行的操作

welcome-title = 欢迎使用 { $brand }
welcome-text = 我为您准备专属的 OpenClaw 助手：独立的服务器、独立的记忆、您自选的模型。下单、付款和管理都在这个聊天里完成。
help-title = { $brand }：我能做什么
help-text = 输入命令（英文或中文）或按按钮。任何一步都可以用 /cancel 停止。
language-title = 选择语言
language-set = 从现在起我用{ $language }回答。
cancel-done = 已停止，没有下单，也没有任何改动。
cancel-order = 已取消：不会为 { $name } 收取任何费用。
cancel-nothing = 没有正在进行的操作。

button-deploy = 获取助手
button-deploy-another = 再来一个
button-help = 帮助
button-language = 语言
button-instances = 我的助手
button-refresh = 刷新
button-ask = 提问
button-ask-hello = 打个招呼
button-usage = 用量
button-model = 模型
button-cheaper-model = 换一个更便宜的模型
button-restart = 重启
button-logs = 日志
button-status = 状态
button-destroy = 删除

### --- deploy

deploy-name-title = 给它起个什么名字？
deploy-name-text = 助手的名字，在这里用来称呼它。可以用表情符号和任何文字。
deploy-name-label = 名字
deploy-name-submit = 就用这个名字
name-empty = 请输入至少包含一个文字或数字的名字。
name-command = 那是命令，不是名字。请去掉斜杠再输入。
name-characters = 名字里有无法显示的字符。文字、数字、空格和表情符号都可以。
name-long = 名字有 { $length } 个字符，最多 { $most } 个，请缩短一些。
name-taken = 您已经有“{ $name }”了，请换一个名字。
deploy-plan-title = 为 { $name } 选择套餐
deploy-plan-text = 每个套餐都是独立的服务器，每月含 AI 额度。
deploy-plan-label = 套餐
deploy-plan-option = { $plan } · 每月 { $price } · AI 额度 { $credit }
deploy-plan-note-lite = 适合试用，每天问几个问题
deploy-plan-note-pro = 适合日常工作
deploy-plan-note-max = 适合大量使用和最强的模型
deploy-plan-choose = 请用按钮选择一个套餐。
deploy-model-title = 由哪个模型来回答？
deploy-model-text = 随时可以免费更换。价格按每百万词元计，分输入和输出。
deploy-model-label = 模型
deploy-model-search = 想找别的？输入名称的一部分，或“便宜”、“免费”、“编程”。
deploy-model-short-list = 回到推荐列表
deploy-model-found = “{ $query }”的搜索结果
deploy-model-none = 没有与“{ $query }”匹配的模型。试试更短的词，如“claude”、“gpt”、“免费”。
deploy-model-more = 还有更多结果，请多输入几个字来缩小范围。
model-note = { $strength } · { $price }
deploy-review-title = { $name } 这样可以吗？
deploy-review-plan = 套餐
deploy-review-model = 模型
deploy-review-credit = AI 额度
deploy-review-credit-value = 每月 { $credit }
deploy-review-today = 付款
deploy-review-today-value = 今天 { $price }，之后每月自动续费，直到您取消
deploy-review-next = 接下来您会收到付款链接。付款后服务器就在这里启动，通常不到一分钟。如果我们无法完成部署，会全额退款。
deploy-review-pay = 去付款（{ $price }）
deploy-review-press = 请按按钮继续，或按“返回”修改。
deploy-review-incomplete = 缺少一些信息，请重新开始。
deploy-review-model-gone = { $model } 已不再提供，请返回选择其他模型。
deploy-review-full = 目前名额已满，所以暂不收款。请稍后再来看看：您的选择会在这里保留一天。您也可以删除不再需要的助手。
deploy-review-hindered = 我们目前无法部署新的助手，所以暂不收款。管理员已收到通知。请稍后再来看看：您的选择会在这里保留一天。
deploy-review-look-again = 再看一次

deploy-progress-server = 服务器
deploy-progress-sub-key = AI 额度
deploy-progress-gateway = 启动 OpenClaw
deploy-progress-model = 连接模型
deploy-progress-probe = 第一次回答
deploy-note-runtime = 正在下载 OpenClaw：{ $percent }%。新机器只需下载一次。
deploy-running-title = 正在部署 { $name }
deploy-running-text = 已付款，谢谢。您可以关闭聊天：部署会自动继续，完成后这条消息会更新。
deploy-ready-push = { $name } 已就绪，等您说第一句话。
deploy-ready-title = { $name } 已就绪
deploy-ready-text = 点按钮打个招呼，或输入 /ask 加上您的问题。
deploy-failed-title = { $name } 部署失败
deploy-failed-text = 正在清理，您将获得全额退款。

### --- instances

instances-title = { $count ->
   *[other] { $count } 个助手
}
instances-choose = 选择一个查看详情
instances-note = { $state } · { $model }
instance-state-provisioning = 正在部署
instance-state-running = 运行中
instance-state-restarting = 正在重启
instance-state-degraded = 出现问题
instance-state-suspended = 已停止
instance-state-lost = 服务器丢失
instance-state-failed = 失败
instance-state-destroying = 正在删除
instance-state-destroyed = 已删除
instance-hint-provisioning = 正在部署，进度见订单消息。
instance-hint-restarting = 大约半分钟后恢复。
instance-hint-degraded = 它停止了响应，正在自动恢复。如果超过五分钟，请重启它。
instance-hint-suspended = 订阅已结束，所以它已停止。记忆和文件都保留着：发送 /order 查看如何继续。
instance-hint-lost = 它的服务器丢失了。我们已收到通知，会为您恢复或退款。
instance-hint-failed = 部署失败，款项会退还。
instance-hint-destroying = 正在删除。
instance-hint-destroyed = 已删除。
status-title = { $name }
status-state = 状态
status-model = 模型
status-plan = 套餐
status-credit = AI 额度
status-credit-value = 剩余 { $left }，共 { $allowance }
status-resets = 续期日
status-ends = 使用至
status-ends-hint = 不再续费，也不再收费。到期后 { $name } 会停止，它的一切都会保留，直到您删除它。
status-since = 就绪时间

usage-title = { $name }：AI 额度
usage-bar = 已用 { $percent }%
usage-spent = 已用
usage-spent-value = { $spent }，共 { $allowance }
usage-left = 剩余
usage-left-value = { $left }
usage-resets = 续期日
usage-forecast = 按目前速度
usage-forecast-value = { $days ->
    [0] 一天内用完
   *[other] 还能用 { $days } 天
}
usage-forecast-enough = 足够用到续期
usage-used-up = 本月额度已用完。额度续期后恢复回答；在此之前 :free 模型可以继续使用。
usage-stale = 服务商暂时没有响应，这是 { $minutes } 分钟前的数据。
usage-never-read = 服务商暂时没有响应，也没有以前的数据。
usage-chart-alt = { $days } 天的每日用量，本月共 { $spent }

model-title = { $name }：模型
model-current = 当前
model-price = 价格
model-choose = 更换为
model-search-hint = 想用其他模型，请输入 /model 加上名称的一部分。
model-search-field = 其他模型
model-search-field-hint = 名称的一部分，或“便宜”、“免费”、“编程”
model-search-submit = 搜索
model-gone = 这个模型已不再提供，请选择其他模型。
model-already = 正在使用的就是 { $model }。
switch-running-title = { $name } 正在更换为 { $model }
switch-done-title = { $name } 现在使用 { $model }
switch-failed-title = { $name } 保留原来的模型
switch-answered = 已验证：{ $model } 在 { $seconds } 秒内回答了测试问题。
switch-answered-unnamed = 已验证：测试问题得到了回答。
switch-failed-text = 原来的模型已恢复，照常回答。
switch-progress-configure = 配置
switch-progress-probe = 测试问题

restart-running-title = { $name } 正在重启
restart-done-title = { $name } 已恢复
restart-failed-title = { $name } 没有恢复
restart-keeps = 记忆、模型和设置都会保留，大约需要半分钟。
restart-progress-stop = 停止
restart-progress-start = 启动
restart-progress-probe = 测试问题

logs-empty = { $name } 还没有日志。
logs-caption = { $name } 的日志：最后 { $lines } 行，密钥已去除。

destroy-title = 删除 { $name }？
destroy-instead = 您也可以把 { $name } 用到 { $date }（已付费）。之后它会停止，不再收费，它的一切都会保留。
destroy-button-instead = 用到那天，不再续费
destroy-lost = 永久丢失
destroy-lost-value = 它的服务器、记忆和文件，以及本月剩余的 AI 额度
destroy-kept = 保留
destroy-kept-value = 您的收据和其他助手
destroy-money = 付款
destroy-money-value = 订阅立即结束，不再收费
destroy-type-name = 输入 { $name } 确认
destroy-submit = 永久删除
destroy-name-differs = 名字不对。请准确输入 { $name }，或按“取消”。
destroy-running-title = 正在删除 { $name }
destroy-done-title = { $name } 已删除
destroy-failed-title = { $name } 尚未完全删除
destroy-done-text = 订阅已取消，不再收费。
destroy-still-there = 还有一部分正在清除，我们会自动继续。
destroy-progress-subscription = 取消订阅
destroy-progress-server = 删除服务器
destroy-progress-sub-key = 删除 AI 密钥

ask-field = 您的问题
ask-submit = 提问
ask-how = 在后面输入您的问题，例如：/ask 您能做什么？
ask-long = 有 { $length } 个字符，一次最多 { $most } 个，请缩短一些。
ask-thinking = { $name } 正在思考…
ask-from = { $name }
ask-from-model = { $name } · { $model }

crash-crashed = { $name } 意外停止，正在重新启动；它的记忆不会丢失。
crash-back = { $name } 已恢复，可以继续使用。
crash-lost = { $name } 的服务器丢失了。我们已收到通知，会为您恢复或退款。
host-gone = 找不到它的服务器。输入 /status 查看情况。

### --- chart and models

# 用量图里的文字：虚线的含义。
chart-pace = 每天 { $amount } 可用满整月
chart-today = 今天
chart-empty = 还没有使用
model-price-text = 每百万：输入 { $input }，输出 { $output }
model-price-free = 免费
model-compare-same = 价格差不多
model-compare-cheaper = 价格约为原来的 1/{ $times }
model-compare-cheaper-percent = 便宜约 { $percent }%
model-compare-dearer = 价格约为原来的 { $times } 倍
model-compare-dearer-percent = 贵约 { $percent }%
model-compare-free = 从付费变为免费
model-compare-paid = 从免费变为付费
model-strength-all-rounder = 综合能力最强
model-strength-hardest = 适合最难的任务
model-strength-everyday = 反应快，日常够用
model-strength-long = 擅长长文档
model-strength-coding = 擅长编程
model-strength-saver = 花费极少，依然聪明
model-strength-chinese = 擅长中文
model-strength-fast = 回答最快
model-strength-free = 免费，每日次数由所有人共享

### --- billing

billing-link-preparing-title = 正在准备付款链接
billing-link-preparing-text = 已为您保留 { $name }，链接马上会显示在这里。
billing-link-failed-title = 无法打开付款页面
billing-link-failed-text = 支付服务暂时没有响应。没有扣款，您为 { $name } 选好的内容都已保留，请一分钟后再试。
billing-pay-title = 付款后即可启动 { $name }
billing-pay-price = 价格
billing-pay-price-value = 每月 { $price }
billing-pay-until = 链接有效期至
billing-pay-until-value = { $date }
billing-pay-text = 款项到账后会自动开始部署，您会在这里看到进度。在此之前不会扣款。
billing-declined = 您的银行卡被拒绝，没有扣款。原链接仍然有效：请重试，或换一张卡。
billing-button-pay = 支付 { $price }
billing-button-check = 我已付款
billing-button-check-again = 再查一次
billing-button-cancel = 取消
billing-button-new-link = 获取新链接
billing-button-order-again = 重新下单
billing-button-status = 查看状态
billing-not-paid-yet = 还没有收到付款。如果您刚刚付过，请稍等几秒：这条消息会自动更新。
billing-cannot-ask = 支付服务暂时没有响应。如果您已付款，不会丢失：这条消息会自动更新。
billing-checking-title = 款项正在路上
billing-checking-text = 您的银行还没有转出 { $price }，这可能需要几天。到账后会立即部署 { $name } 并在这里通知您，您无需做任何事。
billing-paid-title = 已支付 { $price }，谢谢！
billing-paid-text = 正在部署 { $name }。
billing-active-title = { $name } 已归您使用
billing-active-text = 本月已支付：{ $price }。
billing-ending-title = { $name } 使用至 { $date }
billing-ending-text = 不再续费，也不再收费。{ $name } 将于 { $date } 停止；它的记忆、文件和设置会保留，直到您删除它。
billing-renewal-stopping = 正在取消续费…
billing-renewal-resuming = 正在恢复续费…
billing-renewal-failed = 暂时无法在支付服务商处更改，请再试一次。
billing-renewal-busy = 正在更改，请稍等。
billing-button-stop-renewal = 不再续费
billing-button-renew-again = 恢复续费
billing-past-due-title = { $name } 的续费没有成功
billing-past-due-text = 银行没有支付新一个月的 { $price }。{ $name } 照常运行，接下来几天会自动再次扣款。想确保不中断，请现在付款，或在该页面换一张卡。
billing-lapsed-title = { $name } 已停止
billing-lapsed-unpaid = 新一个月的 { $price } 没有到账，订阅已结束。它现在不再回答，也不再收费。
billing-lapsed-dispute-lost = 银行已替您收回 { $price }，订阅已结束。它现在不再回答，也不再收费。
billing-lapsed-ended = 订阅已取消，已付费的时间也已用完。它现在不再回答，也不再收费。
billing-lapsed-kept = 它的记忆、文件和设置都保留着。再次付款后，它会从停下的地方继续。
billing-lapsed-payment-failed = 上一次付款没有成功，没有扣款。
billing-button-go-on = 继续使用（每月 { $price }）
billing-disputed-title = 您的银行要求退回 { $price }
billing-disputed-text = { $name } 的付款被提出争议，这笔钱在银行作出决定之前被冻结。在此期间 { $name } 照常运行。如果是误操作，请告诉银行并联系我们，很快就能解决。
billing-link-again-text = { $name } 和它的一切都在等您。付款链接马上就会出现在这里。
billing-pay-again-title = 付款后继续使用 { $name }
billing-pay-again-text = 付款到账后，{ $name } 会自动重新启动，记忆和文件都在。在此之前不会扣款。
billing-ended-title = { $name } 已删除
billing-ended-text = 订阅已取消，不再收费。
billing-expired-title = 付款链接已过期
billing-expired-text = 没有扣款。您为 { $name } 选好的内容都已保留：点一下即可获取新链接。
billing-payment-failed-title = 付款没有成功
billing-payment-failed-text = 您的银行没有转出款项，因此没有扣款。您为 { $name } 选好的内容都已保留：点一下即可获取新链接。
billing-cancelled-title = 订单已取消
billing-cancelled-text = 没有扣款，付款链接已失效，{ $name } 没有部署。
billing-refunding-title = 正在退还 { $price }
billing-refunding-late = 您的付款在订单结束之后才到账，因此没有部署 { $name }。款项将全额退还，您无需做任何事。
billing-refunding-amount = 实付金额与约定不符，因此没有部署 { $name }。款项将全额退还，您无需做任何事。
billing-refunding-deploy-failed = { $name } 无法完成部署。款项将全额退还，您无需做任何事。
billing-refunding-other = { $name } 的款项将全额退还，您无需做任何事。
billing-refunded-title = 已退还 { $price }
billing-refunded-late = 您的付款在订单结束之后才到账，已全额退还；{ $name } 没有任何订阅在扣费。
billing-refunded-amount = 实付金额与约定不符，已全额退还；{ $name } 没有任何订阅在扣费。
billing-refunded-deploy-failed = { $name } 无法完成部署。款项已全额退还，没有任何订阅在扣费。
billing-refunded-other = { $name } 的款项已全额退还，没有任何订阅在扣费。
billing-refund-days = 银行通常需要 5 至 10 天才会显示。
billing-refund-late = 退款比预期更久：支付服务商暂时没有回应。我们会自动继续尝试，直到款项退还给您。
billing-refund-failed-title = { $price } 暂时未能退还
billing-refund-failed-text = 我们欠您 { $price }：自动退款没有成功。我们已收到通知，会与您一起解决。
billing-support-label = 联系我们
billing-support-told = 您无需做任何事。
billing-double-refunding = { $name } 被付了两次款。第二笔将全额退还；第一笔有效，{ $name } 不受影响。
billing-double-refunded = { $name } 被付了两次款。第二笔已全额退还；第一笔有效，{ $name } 不受影响。
billing-provider-unavailable = 支付服务暂时没有响应，没有扣款。
billing-provider-refused = 支付服务拒绝了这次请求，没有扣款。请稍后再试一次。
billing-host-full = 目前名额已满，暂不接受新订单。没有扣款，请稍后再试。
billing-host-hindered = 我们目前无法部署新的助手，暂不接受新订单。没有扣款，管理员已收到通知，请稍后再试。
billing-key-gone = 为此订单提供的密钥已不再保存。请用 /deploy 重新下单；没有产生任何费用。
billing-name-taken = 这里已有名为“{ $name }”的助手或未完成订单，请换一个名字。
billing-too-many-orders = 您有 { $count } 个未付款的订单，请先支付或取消其中一个。
billing-moved-on = 这个订单的状态刚刚有了变化，请看它的消息。
billing-no-order = 这里没有这个订单。

### --- hosts and gateways

host-full = 这台机器的 { $total } 个位置都已占用。请等有空位时再试，或请管理员扩容。
disk-full = 这台服务器的磁盘已满，无法完成。需要管理员先腾出空间。
runtime-unavailable = 无法从 npm 仓库下载 OpenClaw { $version }。请稍后再试；管理员需要检查网络。
no-port = 这台机器上 { $first } 到 { $last } 的端口都被占用，需要管理员释放一个。
host-command-timeout = 服务器上的一条命令超过 { $seconds } 秒，已被停止。请再试一次。
gateway-unreachable = 现在连不上您的助手。如果一分钟后仍无回应，请用 /restart 重启，记忆会保留。
gateway-stopped = 您的助手在启动时停止了。请稍后再试，/logs 可以查看它的日志。
gateway-timeout = 您的助手没有及时回应，可能正忙。请等一分钟再试，或用 /restart 重启。
gateway-failed = 您的助手报告了一个内部错误。请再试一次；如果仍然如此，请用 /restart 重启。
model-credit = 这个助手的 AI 额度已用完，所以模型没有回答。用 /usage 查看额度何时恢复；在此之前，免费模型仍会回答。
model-key = AI 服务商没有接受这个助手的密钥。请用 /restart 重启它；如果仍然不行，请联系我们。
model-missing = 这个模型已不可用，或不对这个助手开放。请用 /model 换一个。
model-rate-limited = 这个模型目前请求过多。请等几分钟，或用 /model 换一个。
model-failed = 模型没有回答。请再试一次，或用 /model 换一个。

### --- operations

ask-busy = 这个助手还有 { $most } 个问题正在回答，请等其中一个回答完再提问。
switch-unsettled-title = { $name } 可能还没有换回原来的模型
switch-unsettled-text = 暂时没能换回原来的模型。请用 /model 重新选择它。

### --- public pages ---

page-paid = 谢谢。请回到聊天，那里会显示助手的启动进度。
page-unpaid = 尚未付款。请回到聊天，可以稍后付款或取消订单。

### --- access

command-access = 谁可以在这里做什么
command-link = 在其他平台上使用同一账号
command-unlink = 解除已关联的账号
command-audit = 操作记录
option-assistant = 哪个助手；只有一个时可不填
option-ask = 您的问题
option-model = 模型的名称或编号
option-access = 某人和角色，例如：小安 管理员
option-link = 另一个账号上显示的关联码
option-language = 英文或中文

access-own-chat = 这是您的私聊，别人在这里什么也做不了。在群里输入 /access 可查看谁可以做什么。
access-title = 谁可以在这里做什么
access-you = 您
access-standing = { $role }：{ $why }
access-role-owner = 所有者
access-role-admin = 管理员
access-role-member = 成员
access-role-viewer = 观察者
access-role-nobody = 无权限
access-why-own-chat = 这是您的私聊
access-why-owner = 从您开始使用，付款事宜会通知您
access-why-platform = 您是本群的管理者
access-why-named-role = 您拥有这里指定的身份组
access-why-given = 这里授予了您这个角色
access-why-everyone = 与其他人相同
access-of-platform = 本群的管理者
access-of-named-role = 拥有身份组 { $role } 的人
access-everybody-else = 其他人
access-explained = 管理员可以部署、更改和删除；成员可以向助手提问；观察者可以用 /status 和 /usage 查看。
access-choose = 授予角色给
access-nobody-yet = 这里还没有其他人对我说过话。对我说过话的人才能被授予角色。
access-name-role = 想让本群某个身份组的人都成为管理员，请输入 /access role 加上该身份组。
access-unname-role = 取消指定的身份组
access-person-title = { $name } 可以在这里做什么？
access-may-admin = 部署、更改和删除助手，并授予角色
access-may-member = 向助手提问，会使用助手的额度
access-may-viewer = 只能用 /status 和 /usage 查看
access-take = 收回角色
access-unknown = 我在这里不认识“{ $name }”。请对方先在本群对我说句话，例如 /help。
access-several = 这里有几个人都叫“{ $name }”。请输入 /access，从列表中选择。
access-gone = 此人已不在列表中，请重新输入 /access。
access-given = { $name } 现在是{ $role }
access-taken = 已收回 { $name } 的角色
access-no-roles = 这个群没有我能使用的身份组。请输入 /access，直接给某个人授予角色。
access-role-unclear = 无法识别身份组“{ $role }”。请直接提及它，或输入它的编号。
access-last-owner = 所有者不能更改：没有所有者，付款事宜就无人可通知。您可以让其他人成为管理员。

group-left-title = 我被移出了“{ $group }”
group-left-title-unnamed = 我被移出了一个群
group-left-text = 没有删除或停止任何东西。您在那里付费的助手会继续运行，照常计费：
group-left-assistant = { $state } · 每月 { $price }
group-left-choice = 重新邀请我进群，一切照旧。或者把您的助手移到这里，直接在这里管理或删除它们。
group-left-adopt = 移到这个聊天
group-left-adopted = { $count ->
   *[other] 已将 { $count } 个助手移到这个聊天。
}
group-left-back = 我已回到那个群，一切照旧，没有移动任何助手。
group-left-nothing = 没有可移动的助手：它们已被移走或删除。

link-private-only = 这条内容只给您看。请在与我的私聊中输入。
link-title = 一个账号，多个平台
link-text = 请在 { $minutes } 分钟内，到另一个平台与我的私聊中输入：
link-keep-to-yourself = 不要把关联码告诉任何人：别人用它并得到您的确认后，就能得到您在这里的一切。
link-notices = 助手有情况时，在哪里通知您？
link-notices-set = 以后我会在 { $platform } 通知您。
link-too-many = 尝试次数过多。请等 { $minutes } 分钟，再输入 /link。
link-wrong = 关联码不正确、已使用过，或已超过十分钟。请在另一个账号上输入 /link 获取新的。
link-same = 这两个账号已经关联，无需再做什么。
link-over = 这个关联码已用过或已过期，没有任何改动。输入 /link 获取新的。
link-ask-title = { $platform } 上的 { $name } 是您本人吗？
link-ask-text = 如果是，并在那边也确认，两个账号就合为一个：每一边都能看到、支付和删除另一边的一切。如果关联码是别人发给您的，请选“不是”。
link-ask-yes = 是我本人
link-ask-no = 不是，停止
link-waiting = 就差一步：我已询问 { $platform } 上的 { $name }，请在那边确认。
link-join-title = 与 { $platform } 上的 { $name } 合并？
link-join-text = 那个账号输入了您的关联码并已确认。合并后两个账号就是一个：每一边都能看到、支付和删除另一边的一切。
link-join-yes = 是，合并
link-refused = { $platform } 上的 { $name } 没有同意，因此没有合并。
link-not-joined = 已停止，没有合并，关联码已作废。如果不是您发起的，说明有人想进入您的账号。
link-joined-title = 已与 { $platform } 上的 { $name } 合并
link-joined-text = 两边的助手和订单现在在两个平台上都归您使用。输入 /unlink 可以重新分开。
link-renamed = 有助手重名，已改名：{ $names }
link-order-clash = 两个账号都有名为“{ $name }”的内容，其中一个是未付款的订单。请先用 /order 付款或用 /cancel 取消它，再输入 /link。

unlink-none = 没有其他账号与此账号关联。输入 /link 可以关联。
unlink-title = 已关联的账号
unlink-choose = 要把哪一个分开？
unlink-account = { $platform } 上的 { $name }
unlink-confirm-title = 分开 { $platform } 上的 { $name }？
unlink-stays = 留在您这里
unlink-stays-value = 所有助手、订单、付款记录和群
unlink-goes = { $platform }
unlink-goes-value = 从头开始，没有任何内容
unlink-do = 分开
unlink-gone = 那个账号已不再关联。
unlink-done = { $platform } 上的 { $name } 已分开，所有内容都留在您这里。
unlink-told = 这个账号已与您的另一个账号分开，助手和订单留在了那边。如果不是您本人操作，请检查那个账号的安全。

deploy-goes-on = 接着您在另一个账号上未完成的订单继续。

language-everybody = 对本群里没有自己选择过语言的所有人：
language-everybody-choice = 所有人：{ $language }
language-everybody-own = 所有人：各自的语言
language-everybody-set = 从现在起，我在这里用{ $language }回答所有人，自己选择过的除外。
language-everybody-own-set = 从现在起，我在这里用每个人自己的语言回答。

audit-title = 操作记录
audit-empty = 这里还没有任何改动。
audit-newest = 最新
audit-older = 更早
audit-line = { $what } · { $date } · { $platform }
audit-deploy = 下单：{ $name }
audit-model = 将 { $name } 的模型换为 { $model }
audit-restart = 重启了 { $name }
audit-destroy = 删除了 { $name }
audit-renewal-off = 取消了 { $name } 的续费
audit-renewal-on = 恢复了 { $name } 的续费
audit-role-given = 授予 { $name } { $role ->
    [admin] 管理员
    [member] 成员
   *[other] 观察者
}角色
audit-role-taken = 收回了 { $name } 的角色
audit-role-named = 让拥有身份组 { $role } 的人成为管理员
audit-role-unnamed = 取消了指定的身份组
audit-link = 与 { $platform } 上的 { $name } 合并
audit-unlink = 分开了 { $platform } 上的 { $name }
audit-language = 设置本群语言：{ $language }
audit-adopt = { $count ->
   *[other] 将 { $count } 个助手移到了付款人的私聊
}
audit-refused = 无权限，尝试了 { $what }
audit-foreign-button = 从另一个聊天尝试了本聊天的按钮
audit-foreign-order = 从另一个聊天尝试打开本聊天的订单
audit-link-wrong-code = 为 /link 输入了错误的关联码

## Handing over a secret

secret-page-open = 在安全页面上提交
secret-page-minutes = 此页面仅供您本人使用，只能使用一次，{ $minutes } 分钟内有效。
secret-form-submit = 提交
secret-in-words = 也可以直接在这里发给我：我会立即删除该消息。
secret-in-private = 这里其他人也能看到，所以我把提交页面发到了我们的私聊。
secret-send-again = 我收到了，但还没来得及加密保存就被中断了，所以什么都没有留下。请再提交一次。
secret-not-recognised = 我没能从这条消息里认出密钥，所以什么都没有保存。如果它确实是密钥，请删除该消息，改用安全页面。
secret-question-over = 您提交得太晚了：那个问题已经结束，我没有保存任何内容。
secret-message-removed = 我已删除您的消息；密钥已加密保存。
secret-message-kept = 密钥已加密保存，但我无法在这里删除您的消息：请您自行删除。
secret-page-for = 由 { $name } 在聊天中请求。如果不是您本人，请关闭此页面。
secret-page-label = 粘贴到这里
secret-page-submit = 提交
secret-page-kept = 内容会立即加密；任何人最多只能看到最后四个字符。此页面只能使用一次，{ $minutes } 分钟内有效。
secret-page-empty = 输入框是空的。请把密钥粘贴进去。
secret-page-back = 返回聊天
secret-page-done-title = 谢谢，完成了
secret-page-done = 已加密保存。请返回聊天，后续会自动继续。
secret-page-used-title = 此页面已使用过
secret-page-used = 每个页面只能使用一次。如果不是您本人操作，请在聊天中重新获取页面，并到服务商处更换密钥。
secret-page-over-title = 此页面已失效
secret-page-over = 页面有效期为十分钟。请返回聊天重新获取；没有任何内容丢失。
secret-page-other-title = 此页面已在别处打开
secret-page-other = 它只属于最先打开它的浏览器。如果那不是您，请在聊天中重新获取，并且不要转发。
secret-page-later-title = 没有成功
secret-page-later = 没有保存任何内容。请返回上一页，稍后再试。

### --- models: choosing, switching, fallbacks, what goes wrong

catalogue-unavailable = 目前无法获取模型列表，所以什么都没有改变。请过几分钟再试。
model-not-offered = { $model } 刚刚下架。什么都没有改变，请用 /model 选择其他模型。
model-changed = 刚刚有人把 { $name } 的模型换成了 { $model }。请用 /model 再看一下。
model-current-gone = 正在使用的模型已不在列表中。请在它停止回答之前换一个。
model-list-old-minutes = 模型列表目前没有响应：显示的是 { $minutes } 分钟前的价格。
model-list-old-hours = 模型列表目前没有响应：显示的是 { $hours } 小时前的价格。
model-price-unknown = 价格见服务商页面
model-price-own = 费用由您的服务商收取。这里显示的是已知价格，仅供比较。
model-compare-unknown = 这里不知道价格
model-strength-listed = 来自服务商的列表
model-cheap = 便宜的
model-free = 免费的
model-coding = 编程用的
button-model-cheap = 更便宜的模型
button-model-free = 免费模型
button-model-fallback = 备用模型
model-no-free = { $model } 没有免费版。最接近的有：
model-other-provider = 用您的 { $provider } 密钥无法使用 { $model }。最接近的有：
model-several = 有多个模型叫“{ $model }”。您要哪一个？
model-source-managed = 托管额度
model-source-anthropic = Anthropic
model-source-openai = OpenAI
model-source-google = Google
model-source-openrouter = OpenRouter
model-switch-price = { $compared }。
model-switch-price-pace = { $compared }：{ $pace }。
model-pace-month = 按您目前的用量，{ $credit } 够用一整个月
model-pace-days = 按您目前的用量，{ $credit } 大约够用 { $days ->
   *[other] { $days } 天
}
model-pace-less = 按您目前的用量，{ $credit } 用不到一天
model-pace-free = 不消耗您的额度
model-per-message = 每条消息约 { $price }
model-confirm-title = 把 { $name } 换成 { $model }？
model-confirm-switch = 换成 { $model }
model-confirm-keep = 继续用 { $model }
model-fallbacks = 无法回答时
model-fallbacks-count = { $count ->
   *[other] 会尝试另外 { $count } 个模型
}
fallback-title = { $name }：备用模型
fallback-none = 如果模型故障或请求过多，不会尝试其他模型。最多可以添加三个，由它们代为回答；每次都会告诉您。
fallback-text = 如果第一个模型故障或请求过多，由下一个代为回答；每次都会告诉您。
fallback-first = 首选
fallback-place = 第 { $place } 个
fallback-line = { $model } · { $price }
fallback-skipped-gone = { $model } · 跳过：已不在列表中
fallback-skipped-dearer = { $model } · 跳过：比首选贵
fallback-skipped-no-backup-key = { $model } · 跳过：需要备用密钥，见 /key
fallback-skipped-is-first = { $model } · 现在它就是首选
fallback-up = 上移 { $model }
fallback-remove = 移除 { $model }
fallback-add = 添加
fallback-search-hint = 想用其他模型，请输入 /model 备用 加上名称。
fallback-full = 已经有 { $most } 个了，请先移除一个。
fallback-is-first = 它已经是首选模型。
fallback-dearer-ask = 其中有一个比首选贵。也允许它回答吗？
fallback-dearer-allowed = 允许更贵的模型回答。
fallback-dearer-forbidden = 跳过更贵的模型。
fallback-allow-dearer = 是，允许更贵的回答
fallback-forbid-dearer = 否，跳过更贵的
ask-from-fallback = { $name } · 由 { $model } 回答，因为 { $first } 没有回答
model-fell-back = 最近 { $first } 没有回答 { $name }，由 { $answered } 代为回答。其他都没有改变。
model-healed-configured = { $name } 被设成了另一个模型，不是您选的。现在已恢复为 { $model }。
model-healed-pinned = { $name } 的一些对话停留在另一个模型上。现在已恢复为 { $model }。
model-vanishing-title = { $model } 即将下架
model-vanishing-soon = 服务商将在 { $date } 之后下架 { $model }。此后 { $name } 将无法用它回答。
model-vanishing-gone = { $model } 已不在列表中。{ $name } 随时可能停止回答。
model-vanishing-replacement = 最接近的
model-vanishing-switch = 换成 { $model }
model-replaced = 在您订购 { $name } 之后，{ $gone } 已经下架。现在改用 { $model }；可以用 /model 更换。
model-balance = 这个助手背后的 AI 账户余额不足。这是我们的问题：我们已经收到通知，您的额度不受影响。在此期间，免费模型仍会回答。
model-max-tokens = 这个模型的最长回答超过了剩余额度，或超过了服务商的上限。更便宜的模型仍会回答。
model-guardrail = 服务商按自己的规则（内容或数据政策）拒绝了这个请求。请换一种说法，或换一个模型。
model-down = 这个模型的服务商目前出现故障。请过几分钟再试，或让其他模型代为回答。
model-credit-own = 您的 { $provider } 密钥已达到限额，所以模型没有回答。请在服务商页面提高限额。
model-balance-own = 您的 { $provider } 账户已没有余额，所以模型没有回答。请在服务商页面充值。
model-key-own = { $provider } 没有接受您的密钥。请用 /key 检查或更换。
audit-fallbacks = 更改了 { $name } 的备用模型

## Own keys, and how the AI is paid

command-key = AI 的付费方式：自己的密钥或额度
button-key = 密钥
audit-key-replaced = 更换了 { $name } 的 { $provider } 密钥
audit-source = 将 { $name } 的 AI 付费方式改为{ $source }
audit-source-undone = 撤销了 { $name } 的 AI 付费方式变更
audit-backup-on = 为 { $name } 添加了免费备用模型
audit-backup-off = 移除了 { $name } 的备用模型

source-title = AI 费用怎么付？
source-text = 套餐里已含额度。用自己的密钥时，助手直接调用服务商，由服务商向您收费。
source-label = 付费方式
source-managed = 包含 AI（托管额度）
source-managed-note = 无需设置；所有模型，一个价格
source-own = 我自己的 { $provider } 密钥
source-choose = 请用按钮选择一项。
source-name-managed = 托管额度
source-name-own = 您自己的 { $provider } 密钥

key-ask-title = 您的 { $provider } 密钥
key-ask-text = 请为这个助手单独建一个密钥，以后可以只收回它；密钥以 { $example } 开头。我会立即加密并试用，最多只显示末四位。
key-ask-again = 请在页面上提交密钥，或在私聊中发送。
key-page-title = 您的 { $provider } 密钥
key-page-hint = 以 { $example } 开头。提交后立即加密，只供您的助手使用。
key-page-label = { $provider } 密钥
key-of-other = 这是 { $other } 的密钥，而我要的是 { $provider } 的。内容没有保留。请提交 { $provider } 密钥，或返回选择 { $other }。
key-other-kind = 这个密钥用于管理账户或属于订阅，不能调用模型。内容没有保留。我需要 API 密钥，如 { $example }。
key-no-key = 这不像 { $provider } 密钥（以 { $example } 开头）。内容没有保留。是否复制完整了？

key-checking-title = 正在向 { $provider } 试用您的密钥……
key-checking-text = 密钥 …{ $last4 } 已加密。这里会自动继续，通常不到一秒。
key-checked-title = { $provider } 接受了密钥 …{ $last4 }
key-not-checked-title = { $provider } 密钥 …{ $last4 }
key-gone-ask = 这个密钥已不在这里，请重新提交。
key-gone = 这个助手的密钥已不在这里。用 /key 换一个。
key-button-go = 继续
key-button-go-anyway = 先继续，稍后再试
key-button-again = 再试一次
key-button-other = 换一个密钥
key-button-model = 换一个模型
key-link-keys = { $provider } 的密钥页面
key-link-credit = 到 { $provider } 充值
key-link-usage = { $provider } 的用量与账单

key-state-unchecked = 正在向 { $provider } 试用。
key-state-valid = { $provider } 接受这个密钥，账户可以付费。
key-state-wrong-key = { $provider } （已）不认识这个密钥：可能已在那里删除，或类型不对。请更换。
key-was-wrong = { $provider } 不认识这个密钥：可能输错、已删除或类型不对。内容没有保留。
key-state-no-credit = 密钥正确，但 { $provider } 账户没有余额。请先充值，然后再试。
key-state-no-access = 密钥正确，但 { $provider } 不允许这样使用。账户可能需要验证，或密钥权限太小。
key-state-no-access-model = 密钥正确，但 { $provider } 不允许它使用 { $model }。请换一个模型或密钥。
key-state-rate-limited = { $provider } 表示这个密钥目前使用过于频繁。密钥已保留，会自动再试。
key-state-unreachable = { $provider } 目前没有回应。密钥已保留并会自动再试，有结果我会告诉您。
key-word-unchecked = 正在试用
key-word-valid = 已接受
key-word-wrong-key = 服务商不认识
key-word-no-credit = 账户没有余额
key-word-no-access = 没有权限
key-word-rate-limited = 目前使用过于频繁
key-word-unreachable = 服务商没有回应
key-rechecked = 我又向 { $provider } 试用了 { $name } 的密钥 …{ $last4 }。

key-field = AI
key-field-value = 您自己的 { $provider } 密钥
key-field-key = 您自己的 { $provider } 密钥 …{ $last4 }
key-deployed-unproven = { $provider } 还没有回应。它一恢复，您的助手就能回答；我会再试密钥并告诉您。
deploy-review-own = 不使用 AI 额度：助手的用量记在 { $provider } 的账单上。套餐价格不变。

own-model-text = 这些是您的 { $provider } 密钥可用的模型，随时可以更换。
own-model-no-list = { $provider } 目前无法列出模型；以下是常用的模型。

key-title = { $name }：AI 的付费方式
key-card-provider = 服务商
key-card-key = 密钥
key-card-key-value = …{ $last4 }
key-card-added = 添加时间
key-card-checked = 上次检查
key-card-never = 尚未检查
key-card-state = 状态
key-card-managed = 托管额度，包含在套餐中
key-card-missing = 这里已没有密钥，助手无法回答。请提交另一个，或改用托管额度。
key-card-backup = 备用
key-card-backup-value = 主模型不回应时使用的免费模型：{ $models }
key-button-check = 立即检查
key-button-replace = 更换密钥
key-button-change = 更改付费方式
key-button-undo = 撤销更改
key-button-backup-on = 添加免费备用模型
key-button-backup-off = 移除备用模型
key-not-running = { $name } 需要在运行中才能这样做。

rotate-running-title = { $name }：正在换上新密钥
rotate-done-title = { $name } 已用新密钥回答
rotate-failed-title = { $name } 的新密钥不能用
rotate-done-text = 密钥 …{ $last4 } 已成功回答。旧密钥在这里不再使用：请到 { $provider } 删除它。
rotate-failed-text = 仍在使用旧密钥；没有任何损失，新密钥已在这里删除。
rotate-unsettled-text = 旧密钥未能恢复。请再试一次，或用 /key 提交密钥。
rotate-progress-set = 新密钥
rotate-progress-probe = 首次回答

change-title = 更改 { $name } 的 AI 付费方式
change-text = 现在：{ $source }。想换成哪一种？
change-same = 现在就是这种方式。
change-confirm-title = 让 { $name } 改用{ $source }？
change-from = 现在
change-to = 之后
change-kept = 保留
change-kept-value = 记忆、文件、渠道和名称
change-lost = 失去
change-lost-nothing = 无
change-lost-fallbacks = 旧来源的备选模型；可用 /model 重新选择
change-lost-credit = 本月剩余额度暂停使用；本月内改回来仍然有效
change-charged = 费用
change-charged-own = 除套餐外我们不另收费；用量记在 { $provider } 的账单上
change-charged-managed = 除套餐外不另收费；使用套餐额度，每月 { $credit }
change-undo-note = 十分钟内可以一键撤销。
change-button-confirm = 确认更改
change-keep-model = { $model } 与现在的模型相同。
change-side = { $source } · { $model }
change-running-title = { $name }：正在更改 AI 付费方式
change-done-title = { $name } 现在使用{ $source }
change-failed-title = { $name } 的付费方式没有变
change-done-text = { $model } 用 { $seconds } 秒作出了回答。
change-failed-text = 更改没有成功，一切照旧，没有收费。
change-unsettled-title = { $name } 停在两种付费方式之间
change-unsettled-text = 更改没有成功，旧方式也暂时未能恢复。请用 /key 再试一次。
change-progress-key = 密钥
change-progress-configure = 服务商和模型
change-progress-probe = 首次回答
change-undo-late = 已无法撤销：超过十分钟，或之后又有更改。可用 /key 以同样方式改回。

backup-running-title = { $name }：备用模型
backup-on-title = { $name } 已有免费备用模型
backup-off-title = { $name } 已没有备用模型
backup-failed-title = { $name } 的备用模型没有变
backup-on-text = 主模型不回应时会依次尝试：{ $models }。它们免费，但较慢，且每天有次数限制。
backup-none = 目前没有可用的免费模型，请稍后再试。
backup-progress-key = 免费模型的密钥
backup-progress-configure = 模型

usage-own-title = { $name }：用量
usage-own-text = 它使用您自己的 { $provider } 密钥 …{ $last4 } 回答，用量记在 { $provider } 的账单上，不使用我们的 AI 额度。
usage-own-missing = 它设为使用您自己的 { $provider } 密钥，但这里没有。用 /key 提交一个。

### --- channels

deploy-ready-connect = 它也可以有自己的机器人，您可以直接给它写消息：
command-connect = 助手的 Telegram、Discord 和飞书
channel-kind-telegram = Telegram
channel-kind-discord = Discord
channel-kind-feishu = 飞书

channel-state-waiting = 等待机器人创建
channel-state-connecting = 正在连接
channel-state-connected = 正常
channel-state-conflict = 无响应：令牌被两处使用
channel-state-refused = 无响应：令牌被拒绝
channel-state-unreachable = 未连接
channel-state-connecting-explained = 还没有连上。点“检查”再看一次。
channel-state-conflict-explained = 另有程序用同一个令牌接收消息，有些消息到不了您的助手。换新令牌即可解决。
channel-state-refused-explained = 平台不接受它的令牌，或那边有功能没有打开。点“检查”看具体原因。
channel-state-unreachable-explained = 上次没有连上。点“检查”重试，并告诉您哪里不对。

connect-title = 在哪里可以找到 { $name }
connect-line = { $mark } { $name } · { $state }
connect-none = 在这里用 /ask 就能问您的助手。给它一个自己的机器人，大家就能直接和它对话。
connect-choose-channel = 打开：
connect-add = 再连接一个：
connect-button = 连接 { $platform }
connect-back = 全部渠道
connect-back-channel = 返回
connect-people = 谁可以和它对话
connect-check = 检查
connect-rotate = 换新令牌
connect-replace = 更换令牌
connect-disconnect = 断开
connect-keep = 保留
channel-title = { $name } 的 { $platform }
channel-bot = 机器人
channel-state = 状态
channel-who = 谁可以和它对话
channel-who-anyone = 任何人
channel-who-some = { $count ->
    [0] 还没有人
   *[other] { $count } 人
}
channel-open-telegram = 打开对话
channel-invite-discord = 添加到服务器

connect-telegram-title = 为 { $name } 创建 Telegram 机器人
connect-telegram-text = 点一下会打开 Telegram，一切已填好；确认后机器人就创建并连接完成，不用复制任何东西。
connect-telegram-proposed = 建议的名字
connect-telegram-make = 创建机器人
connect-telegram-paste = 我有令牌
connect-telegram-trouble = Telegram 说名字已被占用或必须以 bot 结尾？在那里改一个。说您的机器人太多，或没有提供创建？到 @BotFather 删掉一个，或选“我有令牌”。
connect-stop-waiting = 不创建了
bot-made-title = { $name } 已创建
bot-made-which = 它属于哪个助手？
bot-made-choose = 助手：
bot-made-none = 您还没有可以使用它的助手。先用 /deploy 订购一个，然后用 /connect 连接这个机器人。
bot-made-connecting = { $name } 已创建，正在连接。进展会在您发起的地方告诉您。

connect-paste-title = { $name } 的 { $platform }：使用自己的令牌
connect-paste-telegram = 在 Telegram 里给 @BotFather 发 /newbot，按提示操作，最后会得到令牌。已有机器人：/mybots，API Token。
connect-paste-discord = 1. 打开 discord.com/developers/applications，新建 New Application。2. 在 Bot 页打开 Message Content Intent 并保存。3. 在那里点 Reset Token 得到令牌。
connect-paste-feishu = 开发者后台里，应用的“凭证与基础信息”里有 App Secret。
connect-paste-feishu-app = 在开发者后台（open.feishu.cn 或 open.larksuite.com）打开您的应用，“凭证与基础信息”里有 App ID。先把它发给我，然后再给密钥。
connect-app-id = App ID
connect-app-submit = 下一步
connect-app-in-words = 请发送 App ID，以 cli_ 开头。
connect-app-shape = App ID 以 cli_ 开头，在应用的“凭证与基础信息”里。
connect-secret-title = { $name } 的 { $platform } 令牌
connect-secret-hint-telegram = 来自 @BotFather，形如 123456789:AA…
connect-secret-hint-discord = 来自开发者后台的 Bot 页，三段，用点隔开。
connect-secret-hint-feishu = 来自开发者后台的“凭证与基础信息”。
connect-secret-label = 机器人令牌
connect-secret-label-feishu = App Secret
connect-shape-telegram = 这不是 Telegram 令牌。它形如 123456789:AA…，@BotFather 的 API Token 里可以看到。
connect-shape-discord = 这不是 Discord 机器人令牌。它有三段，用点隔开；client secret 和 public key 不是它。在 Bot 页点 Reset Token 得到。
connect-shape-feishu = 这不是 App Secret。它在 App ID 旁边，“凭证与基础信息”里。

connect-feishu-title = 为您的助手创建飞书应用
connect-feishu-begin = 正在向飞书要链接…
connect-feishu-text = 点一下打开飞书；确认后应用会带着所需权限创建并连接。链接 { $minutes } 分钟内有效。
connect-feishu-make = 创建应用
connect-feishu-by-hand = 手动填写
connect-feishu-again = 新链接
connect-feishu-note = 您的组织可能需要管理员同意。使用 Lark 时如果页面在应用里打不开，请手动填写。

connect-running = 正在连接 { $platform }
connect-done = { $platform } 已连接
connect-rotated = { $platform } 已换新令牌
connect-failed = { $platform } 没有连上
connect-done-telegram = 打开 { $name }，点“开始”，然后给您的助手写消息。
connect-done-discord = 用下面的按钮把 { $name } 加到您的服务器，然后私信它，或在那里 @ 它。
connect-done-feishu = 在飞书里搜索 { $name } 并给它写消息。如果搜不到，请在开发者后台发布应用的第一个版本。
connect-done-owner = 只有您能和它对话。别人写来时会请他们等候，并由我来问您。在群里它只回答您，而且要 @ 它。
connect-done-first = 现在给它写消息：它会请您等候，我在这里问是不是您。没有这里的同意，谁也进不来。
connect-progress-token = 机器人的令牌
connect-progress-renew = 新令牌
connect-progress-check = 已向平台核对
connect-progress-prepare = 这个平台所需的组件
connect-progress-configure = 已告诉您的助手
connect-progress-prove = 第一次响应
connect-progress-app = 飞书的链接
connect-progress-person = 您的确认
connect-fix-intent = 打开设置
connect-fix-scopes = 授予缺少的权限
connect-fix-bot = 打开机器人功能

channel-token-refused = { $platform } 不接受这个令牌。它可能已被更换，或复制时少了结尾。
channel-token-ours = 这就是您正在对话的机器人。您的助手需要一个自己的。
channel-in-use = 另有程序正在用 { $name } 的令牌接收消息。两处不能同时用：停掉另一个再检查，或在这里换新令牌，旧的随即失效。
channel-webhook = 这个机器人把消息发到 { $host }。我不去动它：请在那边移除 webhook，或换新令牌，然后再检查。
channel-bots-not-managed = 我目前不能创建机器人。请选“更换令牌”，发送 @BotFather 给的令牌。
channel-no-intent = { $name } 还不能读取消息。在 Bot 页的 Privileged Gateway Intents 里打开 Message Content Intent，点 Save Changes，然后再检查。（{ $applicationId }）
channel-no-bot = 这个应用还没有机器人。在“添加应用能力”里打开机器人，发布版本，再发一次密钥。（{ $link }）
channel-scopes = 应用缺少权限：{ $scopes }。在那里授予，发布版本，然后再检查。（{ $link }）
channel-registration-refused = 飞书说已被拒绝。什么都没有创建。
channel-registration-over = 链接已过期。什么都没有创建。
channel-not-up = { $platform } 接受了令牌，但一分钟内没有连上。它会继续尝试，请稍后再检查。
channel-vendor-down = { $platform } 暂时没有响应。您的令牌已加密保存，请过几分钟再检查。
channel-chat-closed = 对方先写来之前，它不能给对方发消息。
channel-taken = 这个机器人已属于这里的另一个助手。一个令牌只服务一个助手：请另建机器人，或先在那边断开。
channel-taken-here = 这个机器人已经在为 { $name } 服务。请先在那里断开，或另建机器人。
channel-gone = 这个渠道已经不在了。/connect 显示现有的。
channel-busy = 这个渠道正在处理中，进展见它的消息。
channel-changed = 刚刚有人更改了谁可以和它对话。请再看一下再决定。

disconnect-title = 将 { $platform } 从 { $name } 断开？
disconnect-text = 您的助手会立即停止在那里回答。它的记忆和其他渠道都保留。机器人仍是您的，令牌可再次使用。
disconnect-sure = 断开
disconnect-running = 正在断开 { $platform }
disconnect-progress = 已从您的助手移除
disconnect-done = { $platform } 已断开
disconnect-done-text = { $name } 不再回答，仍归您所有。它的令牌在这里已删除。
disconnect-done-managed = { $name } 不再回答，仍归您所有；需要时可在 @BotFather 删除。它的令牌在这里已删除。

people-title = 谁可以在 { $platform } 上和 { $name } 对话
people-owner = 主人
people-may = 可以对话
people-anyone = 任何找到机器人的人都可以和它对话，他们问的都用您的额度。
people-nobody = 还没有人。给机器人写消息，我会在这里问是不是您。
people-explained = 其他人会被请求等候，由我来问您。在群里它只回答这些人，而且要 @ 它。
people-remove = 取消：
people-removed = { $who } 不能再和它对话了。
people-open = 让任何人和它对话
people-close = 只限名单上的人
people-open-title = 让任何人和 { $name } 对话？
people-open-text = 任何在 { $platform } 上找到 { $bot } 的人都可以问它任何事：费用由您承担，还能用到它的记忆和文件。只有面向公众的助手才选这个。
people-open-sure = 是的，任何人
people-open-no = 不，保持关闭
access-talk = 谁可以和助手对话：
access-talk-none = 您的助手还没有自己的渠道。用 /connect 连接一个。

pairing-title = { $who } 想和 { $name } 对话
pairing-title-you = { $platform } 上的这位是您吗？
pairing-text = 对方在 { $platform } 上写来（那里的 id：{ $id }）。允许吗？对方问的用您的额度。
pairing-text-you = { $who } 在 { $platform } 上给 { $name } 写了消息（那里的 id：{ $id }）。如果是您，您就成为它在那里的主人；如果不是，请拒绝。
pairing-approve = 允许
pairing-deny = 拒绝
pairing-approve-you = 是我
pairing-deny-you = 不是我
pairing-expires = 请求一小时后自动结束。没有同意，谁也进不来。
pairing-approved = { $who } 可以在 { $platform } 上和 { $name } 对话了。
pairing-denied = { $who } 不能在 { $platform } 上和 { $name } 对话。对方可以再次请求。
pairing-expired = { $who } 曾请求在 { $platform } 上和 { $name } 对话；一小时已过，没有人同意。对方可以再次请求。

channel-notice-conflict = { $name } 在 { $platform } 上收不全消息
channel-notice-conflict-text = 另有程序在用 { $bot } 的令牌接收消息。其中一个必须停下。
channel-notice-refused = { $name } 在 { $platform } 上没有响应
channel-notice-refused-text = { $bot } 的令牌在那边被更换或删除了。
channel-notice-connected = { $name } 在 { $platform } 上又能回答了
channel-notice-connected-text = { $bot } 已连接，无需操作。
channel-hello = 您好！我是 { $name }，您的助手。直接在这里给我写消息就行。
channel-you-may = 您现在可以和 { $name } 对话了，请说吧！

audit-connect = 把 { $platform } 连接到 { $name }
audit-disconnect = 把 { $platform } 从 { $name } 断开
audit-token-rotated = 更换了 { $name } 的 { $platform } 令牌
audit-talk-given = 允许 { $who } 和 { $name } 对话
audit-talk-denied = 没有允许 { $who } 和 { $name } 对话
audit-talk-taken = 不再允许 { $who } 和 { $name } 对话
audit-talk-open = 允许任何人在 { $platform } 上和 { $name } 对话
audit-talk-closed = 只允许选定的人在 { $platform } 上和 { $name } 对话
