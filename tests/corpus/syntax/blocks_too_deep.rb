runbook release, "Release" do
  if a
    if a
      if a
        if a
          if a
            if a
              if a
                if a
                  if a
                    if a
                      if a
                        if a
                          if a
                            if a
                              if a
                                if a
                                  if a
                                    if a
                                      if a
                                        if a
                                          if a
                                            if a
                                              if a
                                                if a
                                                  if a
                                                    if a
                                                      if a
                                                        if a
                                                          if a
                                                            if a
                                                              if a
                                                                if a
                                                                  if a
                                                                    if a
                                                                      if a
                                                                        if a
                                                                          if a
                                                                            if a
                                                                              if a
                                                                                if a
#                                                                               ^^^^ RB0025 blocks stand more than 40 deep here
# help: make a `scenario` of the inner ones, and `run` it
                                                                                  if a
                                                                                    if a
                                                                                      if a
                                                                                        if a
                                                                                          if a
                                                                                            note "x"
                                                                                          end
                                                                                        end
                                                                                      end
                                                                                    end
                                                                                  end
                                                                                end
                                                                              end
                                                                            end
                                                                          end
                                                                        end
                                                                      end
                                                                    end
                                                                  end
                                                                end
                                                              end
                                                            end
                                                          end
                                                        end
                                                      end
                                                    end
                                                  end
                                                end
                                              end
                                            end
                                          end
                                        end
                                      end
                                    end
                                  end
                                end
                              end
                            end
                          end
                        end
                      end
                    end
                  end
                end
              end
            end
          end
        end
      end
    end
  end
end
