// The chart of daily use as chart.js draws it on @napi-rs/canvas.
import { createCanvas } from '@napi-rs/canvas'
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Title } from 'chart.js'

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Title)

export function draw({ title, labels, values, width, height }) {
  const canvas = createCanvas(width, height)
  const chart = new Chart(canvas, {
    type: 'bar',
    data: { labels, datasets: [{ data: values, backgroundColor: '#4f7cff' }] },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      plugins: { title: { display: true, text: title } },
    },
  })
  const png = canvas.toBuffer('image/png')
  chart.destroy()
  return Promise.resolve(png)
}
