runbook x, "t" do
  slo p99, "P99 延迟", from: prod do
    value quantile 0.99, of: 'http_server_requests_seconds'
    value ratio bad: 'x', total: ['a',
      'b', # c
    ]
    target  <= 2.s
  end
  on breach(any), for: 2 do run metrics_bad, node: a.b[0].c end
  sh <<~EOS, timeout: 1.min # hi
    echo "#{a + "x"}"
      two $HOME \n

    three
  EOS
  if !a == b && -c * 2 < 3 || d
    note "a\n#{f(x, y: 1)} \u{2192}" + 'raw\n'
  elsif x =~ /a\/b/i
    let q = {a: 1, "b.c": null}
  else
    undo do
      sh "x"
    end
  end
end
