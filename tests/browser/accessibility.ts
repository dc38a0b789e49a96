import type { Page } from 'playwright-core'
import { z } from 'zod'

/**
 * What a page owes to people who do not see it or use no mouse, as a list of faults: controls without a name, pictures
 * without words, ids used twice, text too faint for its background (WCAG AA), sideways scrolling.
 */
const FAULTS = `(() => {
  const faults = []
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
  const describe = (element) => element.outerHTML.slice(0, 90)
  const named = (element) => {
    const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('')
    const label = [...(element.labels ?? [])].map((one) => one.textContent).join('')
    const pictures = [...element.querySelectorAll('img[alt]')].map((one) => one.alt).join('')
    return (labelledBy + label + (element.getAttribute('aria-label') ?? '') + element.textContent + pictures).trim() !== ''
  }
  for (const control of document.querySelectorAll('button, a, input, textarea, select, progress, [role="option"], [role="listbox"], [role="log"], [role="group"]')) {
    if (control.type !== 'hidden' && shown(control) && !named(control)) faults.push('no name: ' + describe(control))
  }
  for (const picture of document.querySelectorAll('img:not([alt]), svg:not([aria-hidden="true"]):not([role="img"])')) faults.push('no words: ' + describe(picture))
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push('id used twice: ' + id)
  for (const element of document.querySelectorAll('[aria-describedby], [aria-controls], [for]')) {
    for (const name of ['aria-describedby', 'aria-controls', 'for']) {
      const target = element.getAttribute(name)
      if (target && !document.getElementById(target)) faults.push(name + ' leads nowhere: ' + describe(element))
    }
  }
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const paint = (colour, under) => {
    canvas.clearRect(0, 0, 1, 1)
    if (under) { canvas.fillStyle = 'rgb(' + under.slice(0, 3).join(' ') + ')'; canvas.fillRect(0, 0, 1, 1) }
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const behind = (element) => {
    const layers = []
    for (let one = element; one; one = one.parentElement) layers.unshift(getComputedStyle(one).backgroundColor)
    return layers.reduce((under, colour) => paint(colour, under), [255, 255, 255])
  }
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || !shown(element) || element.closest('.unseen, noscript, script, style, template')) continue
    const under = behind(element)
    const [one, other] = [light(paint(getComputedStyle(element).color, under)), light(under)]
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) faults.push('contrast ' + contrast.toFixed(2) + ': ' + describe(element))
  }
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) faults.push('scrolls sideways by ' + (root.scrollWidth - root.clientWidth) + ' px')
  if (!root.lang) faults.push('no language')
  return faults
})()`

export const accessibilityFaults = async (page: Page): Promise<readonly string[]> =>
  z.array(z.string()).parse(await page.evaluate(FAULTS))
