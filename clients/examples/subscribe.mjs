// Follow a site's live feed: DIRECTLINE_URL and DIRECTLINE_TOKEN say which and as whom. Node 22+.
const { DIRECTLINE_URL, DIRECTLINE_TOKEN } = process.env;

function follow() {
  const socket = new WebSocket(`${DIRECTLINE_URL.replace('http', 'ws')}/v1/live`, {
    protocols: ['directline.v1'],
    headers: { Authorization: `Bearer ${DIRECTLINE_TOKEN}` },
  });
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === 'snapshot') console.log('open alerts:', frame.alerts.length);
    if (frame.type === 'event' && frame.alert)
      console.log(frame.event.name, frame.alert.state);
  };
  // A connection that breaks is made anew, and begins with a whole snapshot.
  socket.onclose = () => setTimeout(follow, 1000);
}

follow();
